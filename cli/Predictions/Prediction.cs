using System.Text.Json.Serialization;

namespace Serverless.Cli.Predictions;

/// <summary>What a model says about a row.</summary>
/// <param name="Row">The row, counted from 0.</param>
/// <param name="Classes">The likeliest classes, best first; null for a model that predicts numbers.</param>
/// <param name="Values">The predicted numbers; null for a model that predicts classes.</param>
internal sealed record Prediction(
    int Row,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<ClassProbability>? Classes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<double>? Values);
