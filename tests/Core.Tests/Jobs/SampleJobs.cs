using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Jobs;

/// <summary>Small jobs to test with.</summary>
internal static class SampleJobs
{
    /// <summary>4 features, a hidden layer with batch normalisation's buffers where asked for, 3 classes.</summary>
    public static NetworkSpec Network(bool buffers = false) => buffers
        ? new NetworkSpec([new Conv2dSpec(2, new Size2(1)), new BatchNorm2dSpec(), new ReluSpec(), new FlattenSpec(), new LinearSpec()])
        : new NetworkSpec([new FlattenSpec(), new LinearSpec(5), new ReluSpec(), new LinearSpec()]);

    public static DatasetManifest Dataset(long rows = 1000, long testRows = 100, int classes = 3) => new()
    {
        Name = "sample",
        Split = DatasetSplits.Train,
        Rows = rows,
        RowBytes = 4 + 4,
        Features = new FeatureSpec { Type = FeatureType.UInt8, Shape = [1, 2, 2] },
        Label = classes == 0
            ? new LabelSpec { Kind = LabelKind.Value, Width = 3 }
            : new LabelSpec { Kind = LabelKind.Class, Classes = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")] },
        Scaling = ScalingSpec.None,
        PartRows = 1000,
        Parts = [],
        Test = testRows == 0 ? null : new SplitReference { Rows = testRows, ManifestSha256 = new string('0', 64) },
    };

    public static JobSpec Spec(int shards = 2, int localSteps = 1, int rounds = 10, bool buffers = false) => new()
    {
        Dataset = "sample",
        Network = Network(buffers),
        Shards = shards,
        BatchSize = 32,
        Rounds = rounds,
        LocalSteps = localSteps,
        Optimizer = new OptimizerSpec { LearningRate = 0.1, Momentum = localSteps == 1 ? 0.9 : 0 },
    };

    /// <summary>A planned job with an id of its own.</summary>
    public static TrainingJob Planned(JobSpec? spec = null, DatasetManifest? dataset = null)
    {
        spec ??= Spec();
        return TrainingJob.Create(spec, Planner.Plan(JobId.New(DateTimeOffset.UnixEpoch), spec, dataset ?? Dataset()));
    }
}
