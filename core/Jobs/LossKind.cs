using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>What training makes small.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<LossKind>))]
public enum LossKind
{
    /// <summary>Softmax cross-entropy between the outputs and a class, the mean over the samples.</summary>
    CrossEntropy,

    /// <summary>Squared difference between the outputs and a target vector, the mean over samples and outputs.</summary>
    MeanSquaredError,
}
