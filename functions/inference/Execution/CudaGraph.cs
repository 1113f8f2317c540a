using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>
/// A model of fixed shapes whose run on a graphics processor is recorded and then replayed as a whole. The recording reads and writes the same addresses on the device
/// for ever, so its inputs and outputs have memory there that is bound once and copied to and from. One run at a time.
/// </summary>
internal sealed class CudaGraph : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options;
    private readonly ModelSignature _signature;
    private readonly int _gpu;
    private readonly OrtAllocator _allocator;
    private readonly OrtIoBinding _binding;
    private readonly List<OrtMemoryAllocation> _memory = [];
    private readonly nint[] _inputs;
    private readonly nint[] _outputs;

    /// <summary>Takes memory on the device and binds the session to it.</summary>
    /// <param name="session">A session that records; its model has no free dimension.</param>
    /// <param name="options">What runs are made with.</param>
    /// <param name="signature">What the model takes and gives.</param>
    /// <param name="gpu">The device's number.</param>
    public CudaGraph(InferenceSession session, RunOptions options, ModelSignature signature, int gpu)
    {
        _session = session;
        _options = options;
        _signature = signature;
        _gpu = gpu;
        using var device = new OrtMemoryInfo(OrtMemoryInfo.allocatorCUDA, OrtAllocatorType.DeviceAllocator, gpu, OrtMemType.Default);
        _allocator = new OrtAllocator(session, device);
        _binding = session.CreateIoBinding();
        _inputs = new nint[signature.Inputs.Length];
        _outputs = new nint[signature.Outputs.Length];
        for (var i = 0; i < _inputs.Length; i++)
        {
            using var value = Allocate(signature.Inputs[i], out _inputs[i]);
            _binding.BindInput(signature.Inputs[i].Name, value);
        }

        for (var i = 0; i < _outputs.Length; i++)
        {
            using var value = Allocate(signature.Outputs[i], out _outputs[i]);
            _binding.BindOutput(signature.Outputs[i].Name, value);
        }
    }

    /// <summary>Whether a model's runs can be recorded: every dimension is fixed, and nothing is text.</summary>
    public static bool CanRecord(ModelSignature signature)
    {
        foreach (var tensors in (ReadOnlySpan<TensorSignature[]>)[[.. signature.Inputs], [.. signature.Outputs]])
        {
            if (tensors.Any(tensor => tensor.Datatype == Datatype.Bytes || tensor.Shape.Contains(-1L)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs the model.</summary>
    /// <param name="inputs">All inputs, in any order.</param>
    /// <param name="outputs">Where the outputs go, in the model's order.</param>
    public void Run(ReadOnlySpan<BoundInput> inputs, ReadOnlySpan<TensorBuffer?> outputs)
    {
        var cuda = CudaRuntime.Instance;
        cuda.Use(_gpu);
        foreach (ref readonly var input in inputs)
        {
            cuda.CopyIn(_inputs[_signature.Inputs.IndexOf(input.Signature)], input.Buffer.Address, input.Bytes);
        }

        cuda.Finish();
        _session.RunWithBinding(_options, _binding);
        for (var i = 0; i < outputs.Length; i++)
        {
            cuda.CopyOut(outputs[i]!.Address, _outputs[i], outputs[i]!.Bytes.Length);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _memory.ForEach(memory => memory.Dispose());
        _allocator.Dispose();
    }

    private OrtValue Allocate(TensorSignature tensor, out nint address)
    {
        var bytes = checked((uint)(Shapes.Elements(tensor.Shape) * tensor.Datatype.Size()));
        var memory = _allocator.Allocate(Math.Max(bytes, 1));
        _memory.Add(memory);
        address = memory.DangerousGetHandle();
        return OrtValue.CreateTensorValueWithData(memory.Info, tensor.Datatype.ElementType(), [.. tensor.Shape], address, bytes);
    }
}
