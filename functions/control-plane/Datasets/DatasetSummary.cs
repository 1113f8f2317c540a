using Serverless.Core.Datasets;

namespace Serverless.ControlPlane.Datasets;

/// <summary>A dataset as a list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rows">Rows of its train split.</param>
/// <param name="TestRows">Rows of its test split; 0 where it has none.</param>
/// <param name="Shape">Dimensions of a row's features.</param>
/// <param name="Type">How each feature is stored.</param>
/// <param name="Classes">Names of the classes; empty where labels are numbers.</param>
/// <param name="Sha256">Hash of its manifest, which pins every row.</param>
public sealed record DatasetSummary(string Name, long Rows, long TestRows, IReadOnlyList<int> Shape, string Type, IReadOnlyList<string> Classes, string Sha256)
{
    /// <summary>Summarises the manifest of a train split.</summary>
    public static DatasetSummary Of(DatasetManifest train)
    {
        ArgumentNullException.ThrowIfNull(train);
        var type = train.Features.Type == FeatureType.UInt8 ? "uint8" : "float32";
        return new DatasetSummary(train.Name, train.Rows, train.Test?.Rows ?? 0, train.Features.Shape, type, train.Label.Classes, train.Sha256);
    }
}
