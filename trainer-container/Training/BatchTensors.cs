using Serverless.Core.Datasets;
using Serverless.Core.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Serverless.Trainer.Training;

/// <summary>
/// The memory of one batch, used again for every step: data is decoded straight into a host tensor, and from there goes to the device if that is another one.
/// Images are handed to the network in channels-last order, in which convolutions and poolings run up to twice as fast.
/// </summary>
internal sealed class BatchTensors : IDisposable
{
    private readonly Tensor _hostFeatures;
    private readonly Tensor _hostLabels;
    private readonly Tensor _features;
    private readonly Tensor _labels;
    private readonly Tensor? _rearranged;
    private readonly bool _image;

    /// <summary>Allocates the memory.</summary>
    /// <param name="network">What the batch is for.</param>
    /// <param name="labels">What the labels are.</param>
    /// <param name="rows">Most rows of a batch.</param>
    /// <param name="device">Where the network runs.</param>
    public BatchTensors(Network network, LabelSpec labels, int rows, torch.Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var onHost = device.type == DeviceType.CPU;
        var shape = Array.ConvertAll(network.FirstLayerShape, size => (long)size);
        _image = shape.Length == 3;

        // With one channel both orders are the same bytes, and only the strides have to say channels-last.
        var straight = !_image || shape[0] == 1;
        long[] stored = _image && straight ? [rows, shape[1], shape[2], shape[0]] : [rows, .. shape];
        _hostFeatures = Host(stored, ScalarType.Float32, onHost);
        _hostLabels = labels.Kind == LabelKind.Class ? Host([rows], ScalarType.Int64, onHost) : Host([rows, labels.Width], ScalarType.Float32, onHost);
        _features = onHost ? _hostFeatures : empty(stored, ScalarType.Float32, device);
        _labels = onHost ? _hostLabels : empty(_hostLabels.shape, _hostLabels.dtype, device);
        _rearranged = straight ? null : empty([rows, shape[1], shape[2], shape[0]], ScalarType.Float32, device);
        scope.Detach(_hostFeatures, _hostLabels);
        scope.Detach(_features, _labels);
        if (_rearranged is not null)
        {
            scope.Detach(_rearranged);
        }

        var features = new TensorMemory<float>(_hostFeatures).Memory;
        Target = labels.Kind == LabelKind.Class
            ? new BatchTarget(features, new TensorMemory<long>(_hostLabels).Memory)
            : new BatchTarget(features, new TensorMemory<float>(_hostLabels).Memory);
    }

    /// <summary>Where to decode a batch to.</summary>
    public BatchTarget Target { get; }

    /// <summary>The decoded batch on the device, as views of the memory here, owned by the current dispose scope.</summary>
    /// <param name="rows">How many rows were decoded.</param>
    /// <returns>float32 [rows, first layer's shape]; int64 [rows] or float32 [rows, width].</returns>
    public (Tensor Features, Tensor Labels) OnDevice(int rows)
    {
        using var noGrad = no_grad();
        var features = Moved(_hostFeatures, _features, rows);
        if (_rearranged is not null)
        {
            features = _rearranged.narrow(0, 0, rows).copy_(features.permute(0, 2, 3, 1));
        }

        return (_image ? features.permute(0, 3, 1, 2) : features, Moved(_hostLabels, _labels, rows));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hostFeatures.Dispose();
        _hostLabels.Dispose();
        _features.Dispose();
        _labels.Dispose();
        _rearranged?.Dispose();
    }

    private static Tensor Host(long[] shape, ScalarType type, bool staysThere) => staysThere ? empty(shape, type) : empty(shape, type).pin_memory();

    private static Tensor Moved(Tensor host, Tensor device, int rows)
    {
        var there = device.narrow(0, 0, rows);
        return ReferenceEquals(host, device) ? there : there.copy_(host.narrow(0, 0, rows));
    }
}
