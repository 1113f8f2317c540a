using Serverless.Core.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Serverless.Trainer.Modules;

/// <summary>
/// A network's parameters on a device: one flat tensor per region, in layout order, and one flat tensor of gradients. What the layers use are views of
/// these, so that loading a checkpoint, an optimizer's step and reading a contribution are each a handful of operations on contiguous memory,
/// however many layers there are.
/// </summary>
internal sealed class FlatParameters : IDisposable
{
    private readonly Dictionary<string, Tensor> _views = new(StringComparer.Ordinal);
    private readonly Tensor? _trainableHost;
    private readonly Tensor? _buffersHost;

    /// <summary>Allocates the parameters of a network; their contents are undefined until <see cref="Load"/>.</summary>
    /// <param name="layout">Where each layer's parameters lie.</param>
    /// <param name="device">Where the arithmetic happens.</param>
    public FlatParameters(ParameterLayout layout, Device device)
    {
        var onHost = device.type == DeviceType.CPU;
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Trainable = scope.Detach(zeros(layout.TrainableLength, ScalarType.Float32, device));
        Gradient = scope.Detach(zeros(layout.TrainableLength, ScalarType.Float32, device));
        _trainableHost = onHost ? null : scope.Detach(empty(layout.TrainableLength, ScalarType.Float32).pin_memory());
        if (layout.BufferLength > 0)
        {
            Buffers = scope.Detach(zeros(layout.BufferLength, ScalarType.Float32, device));
            _buffersHost = onHost ? null : scope.Detach(empty(layout.BufferLength, ScalarType.Float32).pin_memory());
        }

        foreach (var slot in layout.Slots)
        {
            _views.Add(slot.Name, scope.Detach(slot.Region == ParameterRegion.Trainable ? TrainableView(slot) : View(Buffers!, slot)));
        }
    }

    /// <summary>All trainable parameters, float32 [trainable length].</summary>
    public Tensor Trainable { get; }

    /// <summary>The gradients of all trainable parameters, float32 [trainable length]; backward adds to them.</summary>
    public Tensor Gradient { get; }

    /// <summary>All buffers (batch-norm statistics), float32 [buffer length]; null where the network has none.</summary>
    public Tensor? Buffers { get; }

    /// <summary>The view that a layer uses: a leaf with a gradient for a trainable slot, a plain tensor for a buffer.</summary>
    public Tensor this[ParameterSlot slot] => _views[slot.Name];

    /// <summary>Sets all parameters and buffers.</summary>
    public void Load(ReadOnlySpan<float> trainable, ReadOnlySpan<float> buffers)
    {
        HostTransfer.Write(trainable, Trainable, _trainableHost);
        if (Buffers is not null)
        {
            HostTransfer.Write(buffers, Buffers, _buffersHost);
        }
    }

    /// <summary>Copies the trainable parameters out.</summary>
    public void CopyTrainable(Span<float> destination) => HostTransfer.Read(Trainable, destination, _trainableHost);

    /// <summary>Writes <c>start − parameters</c>: the way back to where the round began, which acts as a gradient.</summary>
    /// <param name="start">The parameters at the beginning, layout order.</param>
    /// <param name="destination">As long as <paramref name="start"/>.</param>
    public void SubtractFrom(ReadOnlySpan<float> start, Span<float> destination) =>
        System.Numerics.Tensors.TensorPrimitives.Subtract(start, HostTransfer.View(Trainable, _trainableHost), destination);

    /// <summary>Copies the gradients out.</summary>
    public void CopyGradient(Span<float> destination) => HostTransfer.Read(Gradient, destination, _trainableHost);

    /// <summary>Copies the buffers out; does nothing for a network without any.</summary>
    public void CopyBuffers(Span<float> destination)
    {
        if (Buffers is not null)
        {
            HostTransfer.Read(Buffers, destination, _buffersHost);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in _views.Values)
        {
            view.Dispose();
        }

        Gradient.Dispose();
        Buffers?.Dispose();
        Trainable.Dispose();
        _trainableHost?.Dispose();
        _buffersHost?.Dispose();
    }

    private static Tensor View(Tensor flat, ParameterSlot slot) =>
        flat.narrow(0, slot.Offset, slot.Length).view(Array.ConvertAll(slot.Shape, size => (long)size)).detach();

    private Tensor TrainableView(ParameterSlot slot)
    {
        // A defined gradient is added to in place, so the gradient stays a view of the flat one; an undefined one would be replaced by backward.
        var parameter = View(Trainable, slot).requires_grad_();
        parameter.grad = View(Gradient, slot);
        return parameter;
    }
}
