using Serverless.Core.Datasets;
using Serverless.Core.Networks;

namespace Serverless.Trainer.Tests;

/// <summary>Manifests of datasets that exist in memory only.</summary>
internal static class Manifests
{
    /// <summary>Unscaled float32 rows with numbers as labels, as a network takes and gives them.</summary>
    public static DatasetManifest Floats(Network network) => new()
    {
        Name = "floats",
        Split = DatasetSplits.Train,
        Rows = 1,
        RowBytes = sizeof(float) * (network.InputShape.Aggregate(1, (a, b) => a * b) + network.OutputShape[0]),
        Features = new FeatureSpec { Type = FeatureType.Float32, Shape = network.InputShape },
        Label = new LabelSpec { Kind = LabelKind.Value, Width = network.OutputShape[0] },
        Scaling = ScalingSpec.None,
        PartRows = 1,
        Parts = [],
    };
}
