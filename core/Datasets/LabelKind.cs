namespace Serverless.Core.Datasets;

/// <summary>What the label of a row is.</summary>
public enum LabelKind
{
    /// <summary>An index into the classes, stored as one int32.</summary>
    Class,

    /// <summary>Numbers to be predicted, stored as float32.</summary>
    Value,
}
