using Serverless.Core.Jobs;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Serverless.Trainer.Training;

/// <summary>What training makes small.</summary>
internal static class LossFunction
{
    /// <summary>A batch's loss, a scalar.</summary>
    /// <param name="kind">Which loss.</param>
    /// <param name="output">float32 [rows, outputs]; for cross-entropy the logits.</param>
    /// <param name="labels">int64 [rows] for cross-entropy, float32 [rows, outputs] for the mean squared error.</param>
    /// <param name="reduction">The mean over rows (training) or the sum over rows (evaluation). A row's squared error is the mean over its outputs, as in torch.</param>
    public static Tensor Of(LossKind kind, Tensor output, Tensor labels, Reduction reduction) => kind switch
    {
        LossKind.CrossEntropy => functional.cross_entropy(output, labels, reduction: reduction),
        LossKind.MeanSquaredError when reduction == Reduction.Sum => functional.mse_loss(output, labels, reduction).div_(output.shape[1]),
        LossKind.MeanSquaredError => functional.mse_loss(output, labels, reduction),
        _ => throw new NotSupportedException($"no loss {kind}"),
    };
}
