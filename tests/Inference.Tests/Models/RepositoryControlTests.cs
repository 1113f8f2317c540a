using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;

namespace Serverless.Inference.Tests.Models;

/// <summary>The repository as requests see and change it.</summary>
[Collection(InferenceCollection.Name)]
public sealed class RepositoryControlTests(InferenceApp app)
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[1,2]}]}""";

    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.Int32, 2));

    [Fact]
    public async Task Unload_ServedModel_ServesAgainOnlyAfterALoad()
    {
        await app.PublishAsync("control-unload", Model);

        Assert.Equal(200, (await app.PostAsync("v2/repository/models/control-unload/unload", """{"parameters":{"unload_dependents":false}}""")).Status);
        await app.Repository.RefreshAsync(CancellationToken.None);
        var (unloaded, refusal) = await app.InferAsync("control-unload", Request);
        var entry = Assert.Single(await VersionPolicyTests.IndexAsync(app, "control-unload"));
        var ready = await VersionPolicyTests.IndexAsync(app, "control-unload", """{"ready":true}""");
        var (status, body) = await app.PostAsync("v2/repository/models/control-unload/load", "{}");

        Assert.Equal(503, unloaded);
        Assert.Contains("unloaded", refusal.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"name":"control-unload","version":"1","state":"UNAVAILABLE","reason":"unloaded"}""", entry.GetRawText());
        Assert.Empty(ready);
        Assert.Equal(200, status);
        Assert.Equal(JsonValueKind.Undefined, body.ValueKind);
        Assert.Equal(200, (await app.InferAsync("control-unload", Request)).Status);
        Assert.Equal("""{"name":"control-unload","version":"1","state":"READY"}""", Assert.Single(await VersionPolicyTests.IndexAsync(app, "control-unload")).GetRawText());
    }

    [Fact]
    public async Task Load_NewVersion_IsServedWhenTheCallReturns()
    {
        await app.PublishAsync("control-load", Model);
        await app.PutAsync(ModelBlobs.Onnx("control-load", 2), Model);

        var (status, _) = await app.PostAsync("v2/repository/models/control-load/load", null);

        Assert.Equal(200, status);
        Assert.Equal(["2"], app.Repository.VersionsOf("control-load"));
    }

    [Fact]
    public async Task Load_BrokenVersion_Is400AndTheOldOneServes()
    {
        await app.PublishAsync("control-broken", Model);
        await app.PutAsync(ModelBlobs.Onnx("control-broken", 2), [1, 2, 3]);

        var (status, body) = await app.PostAsync("v2/repository/models/control-broken/load", null);

        Assert.Equal(400, status);
        Assert.Contains("'control-broken' cannot be loaded: version 2", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(["1"], app.Repository.VersionsOf("control-broken"));
    }

    [Fact]
    public async Task Load_WithFiles_ServesThemInPlaceOfTheStoresUntilTheNextLoad()
    {
        await app.PublishAsync("control-files", Model);
        var brought = TestModels.Identity(new TestTensor("z", TensorElementType.Int32, 1));

        var (status, _) = await LoadFilesAsync("control-files", "{}", ("3/model.onnx", brought));
        await app.Repository.RefreshAsync(CancellationToken.None);
        var (_, answer) = await app.InferAsync("control-files", """{"inputs":[{"name":"z","shape":[1],"datatype":"INT32","data":[9]}]}""");
        await app.PostAsync("v2/repository/models/control-files/load", null);

        Assert.Equal(200, status);
        Assert.Equal("3", answer.GetProperty("model_version").GetString());
        Assert.Equal(["1"], app.Repository.VersionsOf("control-files"));
    }

    [Fact]
    public async Task Load_WithFilesOfAModelThatTheStoreDoesNotHave_ServesItUntilItIsUnloaded()
    {
        Assert.Equal(200, (await LoadFilesAsync("control-brought", "{}", ("1/model.onnx", Model))).Status);
        Assert.Equal(200, (await app.InferAsync("control-brought", Request)).Status);
        Assert.Equal(200, (await app.PostAsync("v2/repository/models/control-brought/unload", null)).Status);

        Assert.Equal(404, (await app.InferAsync("control-brought", Request)).Status);
        Assert.Empty(await VersionPolicyTests.IndexAsync(app, "control-brought"));
    }

    [Fact]
    public async Task Load_WithFilesThatCannotBeLoaded_LeavesWhatServes()
    {
        await app.PublishAsync("control-refused", Model);

        var (status, body) = await LoadFilesAsync("control-refused", "{}", ("5/model.onnx", Model[..^3]));

        Assert.Equal(400, status);
        Assert.Contains("not an ONNX file", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(["1"], app.Repository.VersionsOf("control-refused"));
        Assert.Equal(200, (await app.InferAsync("control-refused", Request)).Status);
    }

    [Theory]
    [InlineData("v2/repository/models/control-nowhere/load", "{}", 404, "There is no model 'control-nowhere'")]
    [InlineData("v2/repository/models/control-nowhere/unload", null, 404, "There is no model 'control-nowhere'")]
    [InlineData("v2/repository/models/..%2f..%2fetc/load", null, 400, "is no model's name")]
    [InlineData("v2/repository/models/x/load", "[]", 400, "The request must be a JSON object")]
    [InlineData("v2/repository/models/x/load", "{", 400, "not valid JSON")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":7}}""", 400, "'config' must be a string, given 7")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":"{\"max_batch_sise\":1}"}}""", 400, "max_batch_size")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"other":"1"}}""", 400, "'other' is unknown; legal are config and file:")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"file:1/model.onnx":"AAAA"}}""", 400, "must say how to serve them")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":"{}","file:1/model.onnx":"?"}}""", 400, "is not base64")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":"{}","file:1/../model.onnx":"AAAA"}}""", 400, "is unknown")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":"{}","file:01/model.onnx":"AAAA"}}""", 400, "is unknown")]
    [InlineData("v2/repository/models/x/load", """{"parameters":{"config":"{}","file:1/weights":"AAAA"}}""", 400, "neither a model.onnx nor a model.ort")]
    [InlineData("v2/repository/models/x/unload", """{"parameters":{"unload_dependents":1}}""", 400, "unload_dependents must be true or false")]
    [InlineData("v2/repository/index", """{"ready":"yes"}""", 400, "ready must be true or false")]
    [InlineData("v2/repository/index", """{"\ud800":true}""", 400, "not valid JSON")]
    [InlineData("v2/repository/index", "7", 400, "must be a JSON object")]
    public async Task Control_WrongRequest_IsRefusedWithTheReason(string route, string? request, int status, string reason)
    {
        var (answered, body) = await app.PostAsync(route, request);

        Assert.Equal(status, answered);
        Assert.Contains(reason, body.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Index_WrongVerb_Is405()
    {
        using var answer = await app.Client.GetAsync(new Uri("v2/repository/index", UriKind.Relative));

        Assert.Equal(405, (int)answer.StatusCode);
    }

    private Task<(int Status, JsonElement Body)> LoadFilesAsync(string model, string config, params (string Name, byte[] Content)[] files)
    {
        var parameters = files.ToDictionary(file => $"file:{file.Name}", file => Convert.ToBase64String(file.Content));
        parameters["config"] = config;
        return app.PostAsync($"v2/repository/models/{model}/load", JsonSerializer.Serialize(new { parameters }));
    }
}
