using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>Number format in which contributions are stored and sent. Everything is computed in float32 in any case.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Compression>))]
public enum Compression
{
    /// <summary>float32, as computed.</summary>
    None,

    /// <summary>
    /// bfloat16, rounded to the nearest: half the bytes, and the range of float32. What <c>bf16_compress_hook</c> is to PyTorch's DistributedDataParallel.
    /// </summary>
    BFloat16,
}
