using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Scheduling;

/// <summary>
/// Memory in which requests are put behind each other and run as one. The session is bound to it once for each number of rows, so that a batch of a size that has been
/// met before costs no allocation. One batch uses it at a time, until the last of its outputs has been read.
/// </summary>
/// <param name="session">The model.</param>
/// <param name="idle">Is told when the outputs of the last batch have been read.</param>
internal sealed class BatchMemory(ModelSession session, Action<BatchMemory> idle) : IDisposable
{
    private readonly TensorBuffer?[] _inputs = new TensorBuffer?[session.Signature.Inputs.Length];
    private readonly long[][] _rowShapes = new long[session.Signature.Inputs.Length][];
    private readonly int[] _rowBytes = new int[session.Signature.Inputs.Length];
    private readonly TensorBuffer?[] _outputs = new TensorBuffer?[session.Signature.Outputs.Length];
    private BoundRun?[] _runs = [];
    private Action<BoundRun>? _finish;

    /// <summary>Copies the inputs of requests behind each other.</summary>
    /// <param name="batch">Requests that agree in everything but their rows.</param>
    /// <param name="rows">Their rows in all.</param>
    public BoundRun Join(List<PendingRequest> batch, int rows)
    {
        Fit(batch[0].Request, rows);
        for (var i = 0; i < _inputs.Length; i++)
        {
            var into = _inputs[i]!.Bytes;
            foreach (var pending in batch)
            {
                var input = Find(pending.Request, session.Signature.Inputs[i], i);
                input.Buffer!.Bytes[..input.Bytes].CopyTo(into);
                into = into[input.Bytes..];
            }
        }

        return _runs[rows] ??= Bind(rows);
    }

    /// <summary>Runs what was joined and shows each request its rows.</summary>
    /// <exception cref="OnnxRuntimeException">The model refuses the inputs, perhaps only those of one request; nobody has outputs then.</exception>
    public void Run(BoundRun run, List<PendingRequest> batch)
    {
        run.Run(batch.Count, _finish ??= Finish);
        var first = 0L;
        foreach (var pending in batch)
        {
            pending.Outputs.Of(run, pending.Request.Outputs, first, pending.Rows);
            first += pending.Rows;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>A request's tensor for an input of the model; most requests have them in the model's order.</summary>
    internal static InferenceInput Find(InferenceRequest request, TensorSignature signature, int likely)
    {
        if (request.Inputs[likely].Signature == signature)
        {
            return request.Inputs[likely];
        }

        for (var i = 0; i < request.Inputs.Count; i++)
        {
            if (request.Inputs[i].Signature == signature)
            {
                return request.Inputs[i];
            }
        }

        throw new ArgumentException($"The input '{signature.Name}' is missing.", nameof(request));
    }

    private void Finish(BoundRun run) => idle(this);

    private void Fit(InferenceRequest sample, int rows)
    {
        if (rows < _runs.Length && HasRowsOf(sample))
        {
            return;
        }

        Clear();
        var capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows);
        for (var i = 0; i < _inputs.Length; i++)
        {
            var signature = session.Signature.Inputs[i];
            var input = Find(sample, signature, i);
            _rowShapes[i] = [.. input.Shape];
            _rowShapes[i][0] = 1;
            _rowBytes[i] = input.Bytes / (int)input.Shape[0];
            _inputs[i] = session.Memory.Rent(_rowBytes[i] * capacity);
        }

        var full = Inputs(capacity);
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (session.Shapes.TryDerive(i, full) is { } shape)
            {
                _outputs[i] = session.Memory.Rent(checked((int)(Shapes.Elements(shape) * session.Signature.Outputs[i].Datatype.Size())));
            }
        }

        _runs = new BoundRun?[capacity + 1];
    }

    private bool HasRowsOf(InferenceRequest sample)
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            if (!Find(sample, session.Signature.Inputs[i], i).Shape.AsSpan(1).SequenceEqual(_rowShapes[i].AsSpan(1)))
            {
                return false;
            }
        }

        return true;
    }

    private BoundRun Bind(int rows) => new(session, Inputs(rows), _outputs) { IsKept = true };

    private BoundInput[] Inputs(int rows)
    {
        var inputs = new BoundInput[_inputs.Length];
        for (var i = 0; i < inputs.Length; i++)
        {
            long[] shape = [.. _rowShapes[i]];
            shape[0] = rows;
            inputs[i] = new BoundInput(session.Signature.Inputs[i], shape, _inputs[i]!, _rowBytes[i] * rows);
        }

        return inputs;
    }

    private void Clear()
    {
        foreach (var run in _runs)
        {
            run?.Dispose();
        }

        _runs = [];
        foreach (var buffers in (TensorBuffer?[][])[_inputs, _outputs])
        {
            foreach (var buffer in buffers)
            {
                buffer?.Dispose();
            }

            Array.Clear(buffers);
        }
    }
}
