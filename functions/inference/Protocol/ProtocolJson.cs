using System.Text.Json.Serialization;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>The protocol's JSON of everything but inference itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(ServerMetadata))]
[JsonSerializable(typeof(ModelMetadata))]
[JsonSerializable(typeof(IReadOnlyList<RepositoryIndexEntry>))]
internal sealed partial class ProtocolJson : JsonSerializerContext;
