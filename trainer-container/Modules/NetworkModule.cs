using Serverless.Core.Networks;
using static TorchSharp.torch;

namespace Serverless.Trainer.Modules;

/// <summary>A network ready to run on a device: its flat parameters and the forward built over them. Not for use by two threads at once.</summary>
internal sealed class NetworkModule : IDisposable
{
    private readonly Layer _forward;
    private readonly Generator _random;
    private readonly ForwardPass _training;
    private readonly ForwardPass _evaluation;

    /// <summary>Builds the forward; the parameters are undefined until <see cref="FlatParameters.Load"/>.</summary>
    /// <param name="network">The network, compiled for its dataset.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="bfloat16">Whether training multiplies in bfloat16. Evaluation is always float32, as the published model is.</param>
    public NetworkModule(Network network, Device device, bool bfloat16 = false)
    {
        Device = device;
        Parameters = new FlatParameters(network.Layout, device);
        _random = new Generator(0, device);
        _forward = LayerForward.Chain(network.Layers, Parameters);
        _training = new ForwardPass(Training: true, bfloat16, _random);
        _evaluation = new ForwardPass(Training: false, BFloat16: false, _random);
    }

    /// <summary>Where it runs.</summary>
    public Device Device { get; }

    /// <summary>The parameters and gradients.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The forward pass of a training step.</summary>
    /// <param name="input">float32 [rows, first layer's shape].</param>
    /// <param name="seed">What dropout draws from.</param>
    /// <returns>float32 [rows, outputs], with a graph for backward.</returns>
    public Tensor Train(Tensor input, long seed)
    {
        _random.manual_seed(seed);
        return Float32(_forward(input, _training));
    }

    /// <summary>The forward pass as a published model runs it.</summary>
    /// <param name="input">float32 [rows, first layer's shape].</param>
    /// <returns>float32 [rows, outputs], without a graph.</returns>
    public Tensor Evaluate(Tensor input)
    {
        using var noGrad = no_grad();
        return _forward(input, _evaluation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Parameters.Dispose();
        _random.Dispose();
    }

    private static Tensor Float32(Tensor output) => output.dtype == ScalarType.Float32 ? output : output.to(ScalarType.Float32);
}
