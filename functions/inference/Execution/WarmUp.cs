using System.Runtime.InteropServices;
using Serverless.Inference.Configuration;
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

    /// <summary>Runs a model on a sample of its configuration.</summary>
    /// <param name="session">The model.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="hasRows">Whether the first dimension is the batch, which the sample's dimensions leave out.</param>
    /// <exception cref="ModelLoadException">The sample does not fit the model.</exception>
    /// <exception cref="Microsoft.ML.OnnxRuntime.OnnxRuntimeException">The model does not run.</exception>
    public static void Run(ModelSession session, WarmupSample sample, bool hasRows)
    {
        foreach (var name in sample.Inputs.Keys)
        {
            if (!session.Signature.Inputs.ToArray().Any(input => input.Name == name))
            {
                throw new ModelLoadException($"The warm-up '{sample.Name}' has an input '{name}', which the model does not have.");
            }
        }

        var inputs = new BoundInput[session.Signature.Inputs.Length];
        try
        {
            for (var i = 0; i < inputs.Length; i++)
            {
                var signature = session.Signature.Inputs[i];
                inputs[i] = sample.Inputs.TryGetValue(signature.Name, out var input)
                    ? Sample(session, signature, sample, input, hasRows)
                    : Zeros(session, signature, Math.Max(1, sample.BatchSize));
            }

            for (var count = 0; count < sample.Count; count++)
            {
                session.Run(inputs).Release();
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

    private static BoundInput Sample(ModelSession session, TensorSignature signature, WarmupSample sample, WarmupInput input, bool hasRows)
    {
        long[] shape = hasRows ? [Math.Max(1, sample.BatchSize), .. input.Dims] : [.. input.Dims];
        var fits = shape.Length == signature.Shape.Length && (input.DataType is null || input.DataType == TensorDeclarations.TypeOf(signature.Datatype));
        for (var axis = 0; fits && axis < shape.Length; axis++)
        {
            fits = signature.Shape[axis] < 0 || signature.Shape[axis] == shape[axis];
        }

        if (!fits)
        {
            throw new ModelLoadException(
                $"The warm-up '{sample.Name}' gives '{signature.Name}' as {input.DataType ?? ""} {Shapes.Describe(shape)}; the model takes {TensorDeclarations.TypeOf(signature.Datatype)} {Shapes.Describe(signature.Shape)}.");
        }

        var zeros = Fill(session, signature, shape);
        if (input.RandomData)
        {
            Randomize(signature.Datatype, zeros.Buffer.Bytes);
        }

        return zeros;
    }

    // Always the same numbers: a warm-up that fails fails every time.
    private static void Randomize(Datatype datatype, Span<byte> bytes)
    {
        var random = new Random(1);
        switch (datatype)
        {
            case Datatype.Fp32:
                foreach (ref var element in MemoryMarshal.Cast<byte, float>(bytes))
                {
                    element = random.NextSingle();
                }

                break;
            case Datatype.Fp64:
                foreach (ref var element in MemoryMarshal.Cast<byte, double>(bytes))
                {
                    element = random.NextDouble();
                }

                break;
            case Datatype.Fp16:
                foreach (ref var element in MemoryMarshal.Cast<byte, Half>(bytes))
                {
                    element = (Half)random.NextSingle();
                }

                break;
            case Datatype.UInt8 or Datatype.Int8:
                random.NextBytes(bytes);
                break;
            case Datatype.Bool:
                foreach (ref var element in bytes)
                {
                    element = (byte)random.Next(2);
                }

                break;
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

        return Fill(session, signature, shape);
    }

    private static BoundInput Fill(ModelSession session, TensorSignature signature, long[] shape)
    {
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
