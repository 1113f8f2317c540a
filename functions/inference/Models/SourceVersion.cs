using System.Globalization;
using Serverless.Core.Models;

namespace Serverless.Inference.Models;

/// <summary>A version that can be loaded: one in the store, or one that a request brought.</summary>
/// <param name="Number">The version, 1 or more.</param>
/// <param name="Revision">Changes when it is written anew.</param>
/// <param name="Stored">It in the store; null for one that a request brought.</param>
/// <param name="Folder">Where its files are on this machine; null for one in the store.</param>
public sealed record SourceVersion(int Number, string Revision, ModelVersion? Stored, string? Folder)
{
    /// <summary>The version as the protocol writes it.</summary>
    public string Text { get; } = Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Whether it is the same content of the same version.</summary>
    public bool Equals(SourceVersion? other) => other is not null && Number == other.Number && Revision == other.Revision;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Revision);

    /// <summary>A version in the store.</summary>
    public static SourceVersion Of(ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        return new SourceVersion(version.Version, version.Revision, version, null);
    }
}
