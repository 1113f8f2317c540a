using Serverless.Core.Datasets;
using Serverless.Core.Networks;
using Serverless.Trainer.Training;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests;

/// <summary>Batches with given contents.</summary>
internal static class Batches
{
    public static BatchTensors Of(Network network, LabelKind kind, int rows, ReadOnlySpan<float> features)
    {
        var labels = new LabelSpec { Kind = kind, Width = kind == LabelKind.Class ? 1 : network.OutputShape[0], Classes = kind == LabelKind.Class ? ["a", "b"] : [] };
        var batch = new BatchTensors(network, labels, rows, CPU);
        features.CopyTo(batch.Target.Features.Span);
        return batch;
    }
}
