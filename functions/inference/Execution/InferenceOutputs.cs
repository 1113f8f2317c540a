using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>
/// What a model gave for a request, in the order in which the request asks for it. The bytes lie where the model wrote them; they can be read until this is disposed,
/// which has to happen before the request itself is.
/// </summary>
public sealed class InferenceOutputs : IDisposable
{
    private IReadOnlyList<RequestedOutput> _requested = [];
    private long[]?[] _shapes = [];
    private BoundRun? _run;
    private long _firstRow;
    private long _rows;

    internal InferenceOutputs()
    {
    }

    /// <summary>The number of outputs that the request asks for.</summary>
    public int Count => _requested.Count;

    /// <summary>The shape of an output.</summary>
    /// <param name="index">Its place in the request.</param>
    public ReadOnlySpan<long> Shape(int index)
    {
        var whole = Running.Shape(_requested[index].Index);
        if (_rows < 0)
        {
            return whole;
        }

        ref var shape = ref _shapes[index];
        if (shape is null || shape.Length != whole.Length)
        {
            shape = new long[whole.Length];
        }

        whole.CopyTo(shape);
        shape[0] = _rows;
        return shape;
    }

    /// <summary>The elements of an output, little-endian and row-major; of BYTES each element's length as 4 bytes and then its bytes.</summary>
    /// <param name="index">Its place in the request.</param>
    public ReadOnlySpan<byte> Bytes(int index)
    {
        var run = Running;
        var output = _requested[index].Index;
        var whole = run.Bytes(output);
        if (_rows < 0)
        {
            return whole;
        }

        var row = (int)(whole.Length / run.Shape(output)[0]);
        return whole.Slice((int)_firstRow * row, (int)_rows * row);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _run, null) is { } run)
        {
            _requested = [];
            run.Release();
        }
    }

    /// <summary>Shows all of a run.</summary>
    internal void Of(BoundRun run, IReadOnlyList<RequestedOutput> requested) => Of(run, requested, 0, -1);

    /// <summary>Shows some rows of a run.</summary>
    internal void Of(BoundRun run, IReadOnlyList<RequestedOutput> requested, long firstRow, long rows)
    {
        if (rows >= 0 && _shapes.Length < requested.Count)
        {
            _shapes = new long[]?[requested.Count];
        }

        _requested = requested;
        _firstRow = firstRow;
        _rows = rows;
        _run = run;
    }

    private BoundRun Running => _run ?? throw new ObjectDisposedException(nameof(InferenceOutputs));
}
