using System.Net;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests.OpenApi;

[Collection(InferenceCollection.Name)]
public sealed class OpenApiTests(InferenceApp app)
{
    [Fact]
    public async Task Document_OfAServedModel_HasItsTensors()
    {
        await app.PublishAsync("openapi-pixels", TestModels.Identity(new TestTensor("x", TensorElementType.UInt8, -1, 28, 28)));
        var document = await DocumentAsync();

        var path = document.GetProperty("paths").GetProperty("/v2/models/openapi-pixels/infer").GetProperty("post");
        var request = Resolve(document, path.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema"));
        var input = request.GetProperty("properties").GetProperty("inputs").GetProperty("items").GetProperty("properties");
        Assert.Equal("x", input.GetProperty("name").GetProperty("const").GetString());
        Assert.Equal("UINT8", input.GetProperty("datatype").GetProperty("const").GetString());
        Assert.Equal([1, 28, 28], input.GetProperty("shape").GetProperty("examples")[0].EnumerateArray().Select(dimension => dimension.GetInt32()));
        var response = Resolve(document, path.GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema"));
        Assert.Equal("openapi-pixels", response.GetProperty("properties").GetProperty("model_name").GetProperty("const").GetString());
        Assert.True(document.GetProperty("paths").TryGetProperty("/v2/models/openapi-pixels/versions/1/infer", out _));
    }

    [Fact]
    public async Task Document_Always_ResolvesItsReferencesAndNamesOperationsOnce()
    {
        await app.PublishAsync("openapi-several", TestModels.Sum(new TestTensor("a", TensorElementType.Float, -1), new TestTensor("b", TensorElementType.Float, -1)));
        var document = await DocumentAsync();

        Assert.Equal("3.1.0", document.GetProperty("openapi").GetString());
        var references = Members(document).Where(member => member.Name == "$ref").ToList();
        Assert.NotEmpty(references);
        Assert.All(references, reference => Assert.Equal(JsonValueKind.Object, Resolve(document, reference.Value).ValueKind));
        var operations = Members(document).Where(member => member.Name == "operationId").Select(member => member.Value.GetString()).ToList();
        Assert.Equal(operations.Count, operations.Distinct().Count());
    }

    private async Task<JsonElement> DocumentAsync()
    {
        using var answer = await app.Client.GetAsync(new Uri("v2/openapi.json", UriKind.Relative));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await InferenceApp.JsonAsync(answer);
    }

    private static JsonElement Resolve(JsonElement document, JsonElement schema)
    {
        var reference = schema.ValueKind == JsonValueKind.String ? schema.GetString()! : schema.GetProperty("$ref").GetString()!;
        Assert.StartsWith("#/", reference, StringComparison.Ordinal);
        return reference[2..].Split('/').Aggregate(document, (element, name) => element.GetProperty(Uri.UnescapeDataString(name)));
    }

    private static IEnumerable<JsonProperty> Members(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Members(member.Value).Prepend(member)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Members),
        _ => [],
    };
}
