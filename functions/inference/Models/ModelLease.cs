namespace Serverless.Inference.Models;

/// <summary>Keeps a model loaded while a request uses it.</summary>
public sealed class ModelLease : IDisposable
{
    private ServedModel? _held;

    internal ModelLease(ServedModel model)
    {
        Model = model;
        _held = model;
    }

    /// <summary>The model.</summary>
    public ServedModel Model { get; }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _held, null)?.Release();
}
