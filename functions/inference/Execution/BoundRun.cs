using System.Buffers.Binary;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>
/// A session bound to memory: inputs at fixed addresses with fixed shapes, and outputs in memory of its own where their shapes are known beforehand. It can be run
/// again and again on whatever the memory holds; where all outputs are known, a run allocates nothing.
/// </summary>
internal sealed class BoundRun : IDisposable
{
    private readonly ModelSession _session;
    private readonly OrtIoBinding _binding;
    private readonly BoundInput[] _inputs;
    private readonly OrtValue?[] _rebound;
    private readonly TensorBuffer?[] _memory;
    private readonly int[] _lengths;
    private readonly bool _ownsMemory;
    private readonly long[]?[] _shapes;
    private readonly bool _isFixed;
    private IDisposableReadOnlyCollection<OrtValue>? _found;
    private int _users;
    private Action<BoundRun>? _idle;

    /// <summary>Binds a session.</summary>
    /// <param name="session">What runs.</param>
    /// <param name="inputs">All inputs, in any order; their memory outlives the binding's last run.</param>
    /// <param name="outputs">Memory for the outputs, by their place in the model; null where there is none, or for all of them to be the run's own.</param>
    /// <param name="derivesShapes">Whether memory is taken for outputs whose shapes are known beforehand.</param>
    public BoundRun(ModelSession session, ReadOnlySpan<BoundInput> inputs, TensorBuffer?[]? outputs = null, bool derivesShapes = true)
    {
        _session = session;
        _inputs = inputs.ToArray();
        _rebound = new OrtValue?[inputs.Length];
        _memory = new TensorBuffer?[session.Signature.Outputs.Length];
        _lengths = new int[_memory.Length];
        _ownsMemory = outputs is null;
        _shapes = new long[]?[_memory.Length];
        _binding = session.Session.CreateIoBinding();
        try
        {
            BindInputs();
            _isFixed = BindOutputs(outputs, derivesShapes);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of memory kept for outputs.</summary>
    public long OutputBytes { get; private set; }

    /// <summary>Whether it can be run again on other content of the same memory.</summary>
    public bool IsReusable { get; private set; } = true;

    /// <summary>Whether it stays bound between requests, and is disposed with the memory it is bound to.</summary>
    public bool IsKept { get; set; }

    /// <summary>Whether it is bound to exactly these tensors on this session.</summary>
    public bool Matches(ModelSession session, IReadOnlyList<InferenceInput> inputs)
    {
        if (session != _session || inputs.Count != _inputs.Length)
        {
            return false;
        }

        for (var i = 0; i < _inputs.Length; i++)
        {
            ref readonly var bound = ref _inputs[i];
            var given = inputs[i];
            if (given.Signature != bound.Signature || given.Buffer != bound.Buffer || !given.Shape.AsSpan().SequenceEqual(bound.Shape))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs the model. The outputs can be read until <see cref="Release"/> has been called as often as there are users.</summary>
    /// <param name="users">How many will read outputs.</param>
    /// <param name="idle">What is told when the last of them is done.</param>
    /// <exception cref="OnnxRuntimeException">The model refuses these inputs; the run has no users then.</exception>
    public void Run(int users, Action<BoundRun> idle)
    {
        if (_session.Graph is { } graph)
        {
            graph.Run(_inputs, _memory);
        }
        else
        {
            RunBound();
        }

        _idle = idle;
        Volatile.Write(ref _users, users);
    }

    /// <summary>Ends one user's reading.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return;
        }

        if (!_isFixed)
        {
            Forget();
        }

        _idle!(this);
    }

    /// <summary>The shape of an output of the last run.</summary>
    public ReadOnlySpan<long> Shape(int output) => _shapes[output];

    /// <summary>The elements of an output of the last run, as the protocol's binary form has them.</summary>
    public ReadOnlySpan<byte> Bytes(int output) =>
        _memory[output] is { } memory ? memory.Bytes[.._lengths[output]] : _found![output].GetTensorMutableRawData();

    /// <inheritdoc/>
    public void Dispose()
    {
        _found?.Dispose();
        _binding.Dispose();
        foreach (var value in _rebound)
        {
            value?.Dispose();
        }

        if (_ownsMemory)
        {
            foreach (var memory in _memory)
            {
                memory?.Dispose();
            }
        }
    }

    private void RunBound()
    {
        for (var i = 0; i < _rebound.Length; i++)
        {
            if (_rebound[i] is { } value)
            {
                // Binding is what copies to another device.
                _binding.BindInput(_inputs[i].Signature.Name, value);
            }
        }

        _session.Session.RunWithBinding(_session.RunOptions, _binding);
        if (!_isFixed)
        {
            Collect();
        }
    }

    private static OrtValue Wrap(in BoundInput input) => input.Signature.Datatype == Datatype.Bytes
        ? Text(input)
        : OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, input.Signature.Datatype.ElementType(), input.Shape, input.Buffer.Address, input.Bytes);

    private static OrtValue Text(in BoundInput input)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, input.Shape);
        ReadOnlySpan<byte> rest = input.Buffer.Bytes[..input.Bytes];
        for (var i = 0; rest.Length > 0; i++)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
            value.StringTensorSetElementAt(rest.Slice(sizeof(uint), length), i);
            rest = rest[(sizeof(uint) + length)..];
        }

        return value;
    }

    private static TensorBuffer Serialize(OrtValue text, int elements, TensorPool memory)
    {
        var length = 0L;
        for (var i = 0; i < elements; i++)
        {
            length += sizeof(uint) + text.GetStringElementAsSpan(i).Length;
        }

        var buffer = memory.Rent(checked((int)length));
        var rest = buffer.Bytes;
        for (var i = 0; i < elements; i++)
        {
            var element = text.GetStringElementAsSpan(i);
            BinaryPrimitives.WriteUInt32LittleEndian(rest, (uint)element.Length);
            element.CopyTo(rest[sizeof(uint)..]);
            rest = rest[(sizeof(uint) + element.Length)..];
        }

        return buffer;
    }

    private void BindInputs()
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            var value = Wrap(_inputs[i]);
            if (_session.IsOnProcessor)
            {
                using (value)
                {
                    _binding.BindInput(_inputs[i].Signature.Name, value);
                }
            }
            else
            {
                _rebound[i] = value;
            }

            IsReusable &= _inputs[i].Signature.Datatype != Datatype.Bytes;
        }
    }

    private bool BindOutputs(TensorBuffer?[]? outputs, bool derivesShapes)
    {
        var isFixed = true;
        for (var i = 0; i < _memory.Length; i++)
        {
            var output = _session.Signature.Outputs[i];
            if (!derivesShapes || _session.Shapes.TryDerive(i, _inputs) is not { } shape)
            {
                _binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
                isFixed = false;
                continue;
            }

            var bytes = checked((int)(Protocol.Shapes.Elements(shape) * output.Datatype.Size()));
            _shapes[i] = shape;
            _lengths[i] = bytes;
            _memory[i] = outputs?[i] ?? _session.Memory.Rent(bytes);
            OutputBytes += bytes;
            using var value = OrtValue.CreateTensorValueWithData(
                OrtMemoryInfo.DefaultInstance, output.Datatype.ElementType(), shape, _memory[i]!.Address, bytes);
            _binding.BindOutput(output.Name, value);
        }

        return isFixed;
    }

    private void Collect()
    {
        _found = _binding.GetOutputValues();
        for (var i = 0; i < _memory.Length; i++)
        {
            if (_memory[i] is not null)
            {
                continue;
            }

            var value = _found[i];
            var shape = value.GetTensorTypeAndShape();
            _shapes[i] = shape.Shape;
            if (shape.ElementDataType == TensorElementType.String)
            {
                _memory[i] = Serialize(value, checked((int)shape.ElementCount), _session.Memory);
                _lengths[i] = _memory[i]!.Bytes.Length;
                IsReusable = false;
            }
        }
    }

    // A binding gives the next run the outputs it still holds, as if their shapes were settled.
    private void Forget()
    {
        _found!.Dispose();
        _found = null;
        for (var i = 0; i < _memory.Length; i++)
        {
            if (_memory[i] is null)
            {
                _binding.BindOutputToDevice(_session.Signature.Outputs[i].Name, OrtMemoryInfo.DefaultInstance);
            }
        }
    }
}
