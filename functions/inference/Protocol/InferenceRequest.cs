namespace Serverless.Inference.Protocol;

/// <summary>A request whose every part has been checked against the model. Gives its tensors' memory back on dispose.</summary>
public sealed class InferenceRequest : IDisposable
{
    private readonly List<InferenceInput> _inputs;

    internal InferenceRequest(int inputs)
    {
        _inputs = new List<InferenceInput>(inputs);
    }

    /// <summary>What the client called the request; goes back in the response.</summary>
    public string? Id { get; internal set; }

    /// <summary>The inputs in the order of the request, which is the order of the binary data too.</summary>
    public IReadOnlyList<InferenceInput> Inputs => _inputs;

    /// <summary>The outputs to send, in the order asked for.</summary>
    public IReadOnlyList<RequestedOutput> Outputs { get; internal set; } = [];

    /// <summary>How much it matters: 1 most, then 2 and so on; 0 leaves it to the model's configuration.</summary>
    public uint Priority { get; internal set; }

    /// <summary>How long the request may wait for its turn, in microseconds; 0 leaves it to the model's configuration.</summary>
    public long TimeoutMicroseconds { get; internal set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var input in _inputs)
        {
            input.Buffer?.Dispose();
        }
    }

    internal void Add(InferenceInput input) => _inputs.Add(input);
}
