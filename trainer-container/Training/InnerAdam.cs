using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>
/// Adam (Kingma, Ba 2015) and AdamW (Loshchilov, Hutter 2019) as <c>torch.optim</c> has them: weight decay goes into the gradient in the first and straight to the
/// parameters in the second.
/// </summary>
internal sealed class InnerAdam(OptimizerSpec spec, Tensor parameters, Tensor gradient, bool onHost)
    : InnerOptimizer(spec, parameters, gradient, onHost, "firstMoment", "secondMoment")
{
    /// <inheritdoc/>
    private protected override void Apply(long step, double learningRate)
    {
        if (Spec.WeightDecay != 0)
        {
            if (Spec.Type == OptimizerKind.AdamW)
            {
                Parameters.mul_(1 - (learningRate * Spec.WeightDecay));
            }
            else
            {
                Gradient.add_(Parameters, Spec.WeightDecay);
            }
        }

        var first = State(0).mul_(Spec.Beta1).add_(Gradient, 1 - Spec.Beta1);
        var second = State(1).mul_(Spec.Beta2).addcmul_(Gradient, Gradient, 1 - Spec.Beta2);
        var firstCorrection = 1 - Math.Pow(Spec.Beta1, step);
        var secondCorrection = Math.Sqrt(1 - Math.Pow(Spec.Beta2, step));
        var denominator = second.sqrt().mul_(1 / secondCorrection).add_(Spec.Epsilon);
        Parameters.addcdiv_(first, denominator, -learningRate / firstCorrection);
    }

    /// <inheritdoc/>
    private protected override void Apply(Span<float> parameters, Span<float> gradient, long step, double learningRate) => Optimizers.Adam(
        parameters,
        gradient,
        HostTransfer.Floats(State(0)),
        HostTransfer.Floats(State(1)),
        step,
        learningRate,
        Spec.Beta1,
        Spec.Beta2,
        Spec.Epsilon,
        Spec.WeightDecay,
        Spec.Type == OptimizerKind.AdamW);
}
