namespace Serverless.Inference.Execution;

/// <summary>Where a model's bytes are: in a file, beside which its external data may lie, or in memory.</summary>
public sealed class OnnxModelSource
{
    private OnnxModelSource(string? path, byte[]? bytes)
    {
        Path = path;
        Bytes = bytes;
    }

    /// <summary>The file, <c>.onnx</c> or <c>.ort</c>; null for a model in memory.</summary>
    public string? Path { get; }

    /// <summary>The bytes of a model in memory; null for a file.</summary>
    public byte[]? Bytes { get; }

    /// <summary>A model in a file. Files it names as external data are looked for in the same folder.</summary>
    public static OnnxModelSource FromFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new OnnxModelSource(path, null);
    }

    /// <summary>A model in memory, which cannot have external data.</summary>
    public static OnnxModelSource FromBytes(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return new OnnxModelSource(null, bytes);
    }
}
