using System.Text.Json.Serialization;

namespace Serverless.Inference.Statistics;

/// <summary>The JSON of the statistics extension.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(StatisticsAnswer))]
internal sealed partial class StatisticsJson : JsonSerializerContext;
