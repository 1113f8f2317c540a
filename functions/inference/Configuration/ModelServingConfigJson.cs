using System.Text.Json.Serialization;

namespace Serverless.Inference.Configuration;

/// <summary>The members of a model configuration by Triton's names.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelServingConfig))]
internal sealed partial class ModelServingConfigJson : JsonSerializerContext;
