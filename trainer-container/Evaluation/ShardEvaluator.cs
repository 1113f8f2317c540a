using System.Runtime.InteropServices;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using Serverless.Trainer.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Serverless.Trainer.Evaluation;

/// <summary>Measures a checkpoint on a slice of the test split, as the published model will run it: batch norm by its statistics, no dropout, float32.</summary>
internal sealed class ShardEvaluator : IDisposable
{
    /// <summary>How many of the first test rows have their outputs kept with the last evaluation: what the published model is checked against.</summary>
    public const int KeptRows = 256;

    private readonly JobSpec _spec;
    private readonly NetworkModule _module;
    private readonly BatchTensors _batch;
    private readonly int _outputs;

    /// <summary>Allocates the memory of a batch.</summary>
    /// <param name="job">The job.</param>
    /// <param name="labels">The dataset's labels.</param>
    /// <param name="module">The network on its device; stays the caller's to dispose.</param>
    public ShardEvaluator(TrainingJob job, LabelSpec labels, NetworkModule module)
    {
        (_spec, _module) = (job.Spec, module);
        _batch = new BatchTensors(job.Network, labels, BatchRows, module.Device);
        _outputs = job.Plan.Outputs;
    }

    /// <summary>Rows of a batch: has no influence on the result but through rounding, and is the same everywhere.</summary>
    public static int BatchRows => 256;

    /// <summary>Evaluates the parameters that the module has been loaded with.</summary>
    /// <param name="slice">The shard's test rows, read in batches of <see cref="BatchRows"/>.</param>
    /// <param name="firstRow">The first of these rows in the test split.</param>
    /// <param name="keepOutputs">Whether the outputs of the rows among the first <see cref="KeptRows"/> are kept.</param>
    /// <param name="cancellation">Abandons the evaluation within a batch.</param>
    public ShardEvaluation Evaluate(SliceReader slice, long firstRow, bool keepOutputs, CancellationToken cancellation)
    {
        using var noGrad = no_grad();
        var outputs = new float[keepOutputs ? Math.Clamp(KeptRows - firstRow, 0, slice.Rows) * _outputs : 0];
        var (lossSum, correct) = (0.0, 0L);
        for (long batch = 0; batch < slice.Batches; batch++)
        {
            cancellation.ThrowIfCancellationRequested();
            var read = slice.ReadBatchAsync(batch, _batch.Target, cancellation);
            var rows = read.IsCompletedSuccessfully ? read.Result : read.AsTask().GetAwaiter().GetResult();
            using var scope = NewDisposeScope();
            var (features, labels) = _batch.OnDevice(rows);
            var output = _module.Evaluate(features);
            lossSum += LossFunction.Of(_spec.Loss, output, labels, Reduction.Sum).item<float>();
            correct += _spec.Loss == LossKind.CrossEntropy ? output.argmax(1).eq(labels).sum().item<long>() : 0;
            Keep(output, outputs, batch * BatchRows * _outputs);
        }

        return new ShardEvaluation
        {
            Rows = slice.Rows,
            Correct = _spec.Loss == LossKind.CrossEntropy ? correct : null,
            LossSum = lossSum,
            FirstOutputRow = firstRow,
            Outputs = outputs,
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _batch.Dispose();

    private static void Keep(Tensor output, float[] outputs, long offset)
    {
        if (offset < outputs.Length)
        {
            var host = output.to(CPU).contiguous();
            var values = MemoryMarshal.Cast<byte, float>(host.bytes);
            values[..(int)Math.Min(values.Length, outputs.Length - offset)].CopyTo(outputs.AsSpan((int)offset));
        }
    }
}
