namespace Serverless.Core.Datasets;

/// <summary>One blob of rows.</summary>
public sealed record PartInfo
{
    /// <summary>
    /// Name of the blob beside the manifest: <c>part-</c>, its number, and the first 16 digits of its hash. Since the name follows from the content,
    /// a part is never changed: an import of the same rows finds it there, and one of other rows leaves it alone for the jobs that still read it.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Rows in it.</summary>
    public required int Rows { get; init; }

    /// <summary>Its size: rows times the manifest's bytes a row.</summary>
    public required int Bytes { get; init; }

    /// <summary>SHA-256 of its bytes, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }
}
