using System.Runtime.InteropServices;
using Serverless.Inference.Models;
using Serverless.Inference.Scheduling;

namespace Serverless.Inference.Protocol;

/// <summary>
/// A request whose every part has been checked against the model. Made once, with room for everything the model can be sent, and used again: on dispose the tensors'
/// memory goes back to its pool and the request to its model's.
/// </summary>
public sealed class InferenceRequest : IDisposable
{
    private const int MaxKeptId = 1024;

    private readonly ModelSignature _model;
    private readonly InferenceInput[] _tensors;
    private readonly bool[] _given;
    private readonly List<InferenceInput> _inputs;
    private readonly List<RequestedOutput> _outputs;
    private readonly List<int> _undecided;
    private int _lent;
    private byte[] _id = [];
    private int _idLength;

    internal InferenceRequest(ModelSignature model)
    {
        _model = model;
        _tensors = new InferenceInput[model.Inputs.Length];
        _given = new bool[model.Inputs.Length];
        _inputs = new List<InferenceInput>(model.Inputs.Length);
        _outputs = new List<RequestedOutput>(model.Outputs.Length);
        _undecided = new List<int>(model.Outputs.Length);
        for (var i = 0; i < _tensors.Length; i++)
        {
            _tensors[i] = new InferenceInput(model.Inputs[i]);
        }
    }

    /// <summary>Whether the client gave the request a name, which goes back in the response.</summary>
    public bool HasId { get; private set; }

    /// <summary>What the client called the request, in UTF-8.</summary>
    public ReadOnlySpan<byte> Id => _id.AsSpan(0, _idLength);

    /// <summary>The inputs in the order of the request, which is the order of the binary data too.</summary>
    public IReadOnlyList<InferenceInput> Inputs => _inputs;

    /// <summary>The outputs to send, in the order asked for.</summary>
    public IReadOnlyList<RequestedOutput> Outputs => _outputs;

    /// <summary>The same, for the parser: a span is gone through without an allocation.</summary>
    internal ReadOnlySpan<RequestedOutput> AskedFor => CollectionsMarshal.AsSpan(_outputs);

    /// <summary>How much it matters: 1 most, then 2 and so on; 0 leaves it to the model's configuration.</summary>
    public uint Priority { get; internal set; }

    /// <summary>How long the request may wait for its turn, in microseconds; 0 leaves it to the model's configuration.</summary>
    public long TimeoutMicroseconds { get; internal set; }

    /// <summary>Its way through the scheduler, used again with it.</summary>
    internal PendingRequest? Pending { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _lent, 0) == 0)
        {
            return;
        }

        foreach (var input in _inputs)
        {
            input.Release();
        }

        _inputs.Clear();
        _outputs.Clear();
        _undecided.Clear();
        Array.Clear(_given);
        _idLength = 0;
        HasId = false;
        Priority = 0;
        TimeoutMicroseconds = 0;
        if (_id.Length > MaxKeptId)
        {
            _id = [];
        }

        _model.Return(this);
    }

    /// <summary>Whether this input of the model has been given already.</summary>
    internal bool IsGiven(int input) => _given[input];

    /// <summary>Adds an input with its shape, which was checked against the model.</summary>
    internal InferenceInput Add(int input, ReadOnlySpan<long> shape, int elements, int bytes)
    {
        var tensor = _tensors[input];
        tensor.Describe(shape, elements, bytes);
        _given[input] = true;
        _inputs.Add(tensor);
        return tensor;
    }

    /// <summary>Asks for an output.</summary>
    /// <param name="output">Its place among the model's outputs.</param>
    /// <param name="binary">Whether as raw bytes; null leaves it to <see cref="Decide"/>.</param>
    /// <param name="classes">How many best classes to send in place of the values; 0 for the values.</param>
    internal void Ask(int output, bool? binary, int classes)
    {
        if (binary is null)
        {
            _undecided.Add(_outputs.Count);
        }

        _outputs.Add(new RequestedOutput(output, binary ?? false, classes));
    }

    /// <summary>Says how the outputs are sent of which that is still open, and asks for all where none was asked for.</summary>
    internal void Decide(bool binaryByDefault)
    {
        if (_outputs.Count == 0)
        {
            for (var i = 0; i < _model.Outputs.Length; i++)
            {
                _outputs.Add(new RequestedOutput(i, binaryByDefault, Classes: 0));
            }
        }

        foreach (var place in _undecided)
        {
            _outputs[place] = _outputs[place] with { Binary = binaryByDefault };
        }
    }

    /// <summary>Room for an identifier of at most this many bytes; <see cref="SetId"/> says how many it were.</summary>
    internal Span<byte> IdBuffer(int length)
    {
        if (_id.Length < length)
        {
            _id = new byte[length];
        }

        return _id;
    }

    internal void SetId(int length)
    {
        HasId = true;
        _idLength = length;
    }

    internal InferenceRequest Lend()
    {
        _lent = 1;
        return this;
    }
}
