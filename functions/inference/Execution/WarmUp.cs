using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>Runs that a model makes before it serves: the first ones allocate and pack what later ones use, and show whether the model runs at all.</summary>
internal static class WarmUp
{
    /// <summary>Runs a model on zeros.</summary>
    /// <param name="session">The model.</param>
    /// <param name="rows">The size of free first dimensions; other free dimensions are 1.</param>
    /// <returns>Whether every output had that many rows.</returns>
    /// <exception cref="ModelLoadException">An input is too large for any request.</exception>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The model does not run.</exception>
    public static bool Run(ModelSession session, int rows)
    {
        var inputs = new BoundInput[session.Signature.Inputs.Length];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                inputs[i] = Zeros(session, session.Signature.Inputs[i], rows);
            }

            var run = session.Run(inputs);
            try
            {
                return HasRows(run, session.Signature.Outputs.Length, rows);
            }
            finally
            {
                run.Release();
            }
        }
        finally
        {
            foreach (var input in inputs)
            {
                input.Buffer?.Dispose();
            }
        }
    }

    private static bool HasRows(BoundRun run, int outputs, int rows)
    {
        for (var i = 0; i < outputs; i++)
        {
            if (run.Shape(i).Length == 0 || run.Shape(i)[0] != rows)
            {
                return false;
            }
        }

        return true;
    }

    private static BoundInput Zeros(ModelSession session, TensorSignature signature, int rows)
    {
        long[] shape = [.. signature.Shape];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = shape[axis] >= 0 ? shape[axis] : axis == 0 ? rows : 1;
        }

        var elements = Shapes.Elements(shape);
        if (elements < 0 || elements * signature.Datatype.Size() > int.MaxValue / 2)
        {
            throw new ModelLoadException($"The input '{signature.Name}' of shape {Shapes.Describe(signature.Shape)} is larger than any request may be.");
        }

        // Zero bytes are zeros of every type, and of text as many empty ones.
        var bytes = (int)elements * signature.Datatype.Size();
        var buffer = session.Memory.Rent(bytes);
        buffer.Bytes.Clear();
        return new BoundInput(signature, shape, buffer, bytes);
    }
}
