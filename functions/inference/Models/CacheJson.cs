using System.Text.Json.Serialization;

namespace Serverless.Inference.Models;

/// <summary>The JSON of the cache's own files.</summary>
[JsonSerializable(typeof(CachedFile[]))]
internal sealed partial class CacheJson : JsonSerializerContext;
