using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Cli.Api;

/// <summary>What a served model answered.</summary>
/// <param name="ModelName">The model.</param>
/// <param name="ModelVersion">The version that answered.</param>
/// <param name="Outputs">The outputs.</param>
internal sealed record InferAnswer(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("model_version")] string ModelVersion,
    IReadOnlyList<InferAnswer.Output> Outputs)
{
    /// <summary>One output.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Datatype">Its element type.</param>
    /// <param name="Shape">Its dimensions.</param>
    /// <param name="Data">Its elements, flat.</param>
    internal sealed record Output(string Name, string Datatype, IReadOnlyList<long> Shape, JsonElement Data);

    /// <summary>An output's numbers, or null where the model has no such output.</summary>
    public double[]? Numbers(string name) =>
        Outputs.FirstOrDefault(output => output.Name == name) is { } found ? [.. Flatten(found.Data)] : null;

    private static IEnumerable<double> Flatten(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray().SelectMany(Flatten) : [element.GetDouble()];
}
