using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Core.Models;

/// <summary>The JSON of a model version's files.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelConfig))]
[JsonSerializable(typeof(ModelMetrics))]
[JsonSerializable(typeof(OptimizationReport))]
internal sealed partial class ModelJson : JsonSerializerContext;
