using Serverless.Core.Jobs;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>Stochastic gradient descent as <c>torch.optim.SGD</c> has it: weight decay, momentum without dampening, Nesterov.</summary>
internal sealed class InnerSgd(OptimizerSpec spec, Tensor parameters, Tensor gradient)
    : InnerOptimizer(spec, parameters, gradient, spec.Momentum == 0 ? [] : ["momentum"])
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
}
