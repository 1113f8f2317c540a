using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>Stochastic gradient descent as <c>torch.optim.SGD</c> has it: weight decay, momentum without dampening, Nesterov.</summary>
internal sealed class InnerSgd(OptimizerSpec spec, Tensor parameters, Tensor gradient, bool onHost)
    : InnerOptimizer(spec, parameters, gradient, onHost, spec.Momentum == 0 ? [] : ["momentum"])
{
    /// <inheritdoc/>
    private protected override void Apply(long step, double learningRate)
    {
        if (Spec.WeightDecay != 0)
        {
            Gradient.add_(Parameters, Spec.WeightDecay);
        }

        if (Spec.Momentum == 0)
        {
            Parameters.add_(Gradient, -learningRate);
            return;
        }

        var velocity = State(0).mul_(Spec.Momentum).add_(Gradient);
        Parameters.add_(Spec.Nesterov ? Gradient.add_(velocity, Spec.Momentum) : velocity, -learningRate);
    }

    /// <inheritdoc/>
    private protected override void Apply(Span<float> parameters, Span<float> gradient, long step, double learningRate) => Optimizers.Sgd(
        parameters,
        gradient,
        Spec.Momentum == 0 ? [] : HostTransfer.Floats(State(0)),
        (float)learningRate,
        (float)Spec.Momentum,
        Spec.Nesterov,
        (float)Spec.WeightDecay);
}
