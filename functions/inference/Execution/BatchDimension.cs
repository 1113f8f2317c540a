using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>Finds out whether a model's first dimension counts rows, so that requests can be put behind each other.</summary>
internal static class BatchDimension
{
    /// <summary>The most rows that may run at once; 0 where requests cannot be joined.</summary>
    /// <param name="session">The model.</param>
    /// <param name="configured">What its configuration says; null where that is left open.</param>
    /// <param name="limit">The most that the server takes.</param>
    /// <exception cref="ModelLoadException">The configuration says that there are rows, and the model has none.</exception>
    public static int Find(ModelSession session, int? configured, int limit)
    {
        if (configured == 0)
        {
            return 0;
        }

        var reason = Obstacle(session.Signature) ?? Trial(session);
        if (reason is null)
        {
            session.Shapes.FollowRows(session.Signature.Inputs[0]);
            return Math.Min(configured ?? limit, limit);
        }

        return configured is null ? 0 : throw new ModelLoadException($"The configuration has max_batch_size {configured}, but {reason}; it must be 0.");
    }

    private static string? Obstacle(ModelSignature signature)
    {
        if (signature.Inputs.Length == 0)
        {
            return "the model has no inputs";
        }

        foreach (var tensors in (ReadOnlySpan<TensorSignature[]>)[[.. signature.Inputs], [.. signature.Outputs]])
        {
            foreach (var tensor in tensors)
            {
                if (tensor.Shape.Length == 0 || tensor.Shape[0] >= 0)
                {
                    return $"the first dimension of '{tensor.Name}', of shape {Shapes.Describe(tensor.Shape)}, is not free";
                }

                if (tensor.Datatype == Datatype.Bytes)
                {
                    return $"'{tensor.Name}' is text, which is not joined";
                }
            }
        }

        return null;
    }

    // Names of dimensions need not be true: what counts is what comes out.
    private static string? Trial(ModelSession session)
    {
        foreach (var rows in (ReadOnlySpan<int>)[2, 3])
        {
            try
            {
                if (!WarmUp.Run(session, rows))
                {
                    return $"with {rows} rows in, another number comes out";
                }
            }
            catch (OnnxRuntimeException refused)
            {
                return $"it does not run with {rows} rows: {refused.Message}";
            }
        }

        return null;
    }
}
