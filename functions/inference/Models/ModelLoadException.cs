namespace Serverless.Inference.Models;

/// <summary>A model version that cannot be served, with the reason.</summary>
public sealed class ModelLoadException : Exception
{
    /// <summary>States the reason.</summary>
    public ModelLoadException(string message)
        : base(message)
    {
    }

    /// <summary>States the reason and what it came from.</summary>
    public ModelLoadException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
