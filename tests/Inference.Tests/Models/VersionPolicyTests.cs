using System.Text;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;

namespace Serverless.Inference.Tests.Models;

[Collection(InferenceCollection.Name)]
public sealed class VersionPolicyTests(InferenceApp app)
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[1,2]}]}""";

    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.Int32, 2));

    [Theory]
    [InlineData("policy-default", null, new[] { "4" })]
    [InlineData("policy-latest", """{"version_policy":{"latest":{"num_versions":2}}}""", new[] { "3", "4" })]
    [InlineData("policy-all", """{"version_policy":{"all":{}}}""", new[] { "1", "3", "4" })]
    [InlineData("policy-specific", """{"version_policy":{"specific":{"versions":[1,2,3]}}}""", new[] { "1", "3" })]
    public async Task Refresh_Policy_DecidesWhatServes(string name, string? config, string[] expected)
    {
        await PlaceAsync(name, [1, 3, 4], config);

        Assert.Equal(expected, app.Repository.VersionsOf(name));
        foreach (var version in new[] { "1", "3", "4" })
        {
            using var ready = await app.Client.GetAsync(new Uri($"v2/models/{name}/versions/{version}/ready", UriKind.Relative));
            Assert.Equal(expected.Contains(version), ready.IsSuccessStatusCode);
        }

        var (_, body) = await app.InferAsync(name, Request);
        Assert.Equal(expected[^1], body.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task Refresh_PolicyChanged_TakesEffect()
    {
        await PlaceAsync("policy-changed", [1, 2], null);
        await app.PutAsync(ModelBlobs.ServingConfig("policy-changed"), """{"version_policy":{"specific":{"versions":[1]}}}"""u8.ToArray());
        await app.Repository.RefreshAsync(CancellationToken.None);

        Assert.Equal(["1"], app.Repository.VersionsOf("policy-changed"));
    }

    [Fact]
    public async Task Refresh_ConfigurationThatIsWrong_LeavesWhatServesAndShowsTheReason()
    {
        await PlaceAsync("policy-wrong", [1], null);
        await app.PutAsync(ModelBlobs.ServingConfig("policy-wrong"), """{"version_polcy":{"all":{}}}"""u8.ToArray());
        await app.Repository.RefreshAsync(CancellationToken.None);

        Assert.Equal(["1"], app.Repository.VersionsOf("policy-wrong"));
        var entry = Assert.Single(await IndexAsync(app, "policy-wrong"));
        Assert.Equal("READY", entry.GetProperty("state").GetString());
        Assert.Contains("version_policy", entry.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_NewestOfTheLatestIsBroken_NextOneTakesItsPlace()
    {
        await PlaceAsync("policy-broken", [1, 2], """{"version_policy":{"latest":{"num_versions":2}}}""");
        await app.PutAsync(ModelBlobs.Onnx("policy-broken", 3), [1, 2, 3]);
        await app.Repository.RefreshAsync(CancellationToken.None);

        Assert.Equal(["1", "2"], app.Repository.VersionsOf("policy-broken"));
        var broken = Assert.Single(await IndexAsync(app, "policy-broken"), entry => entry.GetProperty("version").GetString() == "3");
        Assert.Equal("UNAVAILABLE", broken.GetProperty("state").GetString());
        Assert.Contains("not an ONNX file", broken.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    internal static async Task<JsonElement[]> IndexAsync(InferenceApp app, string name, string? body = null)
    {
        var (status, index) = await app.PostAsync("v2/repository/index", body);
        Assert.Equal(200, status);
        return [.. index.EnumerateArray().Where(entry => entry.GetProperty("name").GetString() == name)];
    }

    private async Task PlaceAsync(string name, int[] versions, string? config)
    {
        foreach (var version in versions)
        {
            await app.PutAsync(ModelBlobs.Onnx(name, version), Model);
        }

        if (config is not null)
        {
            await app.PutAsync(ModelBlobs.ServingConfig(name), Encoding.UTF8.GetBytes(config));
        }

        await app.Repository.RefreshAsync(CancellationToken.None);
    }
}
