namespace Serverless.Inference.Models;

/// <summary>A model or a version of one in the repository index.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version; null where the entry is about the whole model.</param>
/// <param name="State">READY, LOADING or UNAVAILABLE.</param>
/// <param name="Reason">Why it is not ready, or why its newest content is not what serves; null where there is nothing to say.</param>
public sealed record RepositoryIndexEntry(string Name, string? Version, string State, string? Reason)
{
    /// <summary>Serving.</summary>
    public const string Ready = "READY";

    /// <summary>About to serve.</summary>
    public const string Loading = "LOADING";

    /// <summary>Not serving.</summary>
    public const string Unavailable = "UNAVAILABLE";
}
