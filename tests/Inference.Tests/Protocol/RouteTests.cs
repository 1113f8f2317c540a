using System.Net;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class RouteTests(InferenceApp app)
{
    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.UInt8, -1, 28, 28));

    [Fact]
    public async Task Health_WhileRunning_Is200WithAnEmptyBody()
    {
        await app.Repository.RefreshAsync(CancellationToken.None);

        foreach (var route in new[] { "v2/health/live", "v2/health/ready" })
        {
            using var answer = await GetAsync(route);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task ServerMetadata_Always_NamesTheExtensionsAsTritonDoes()
    {
        using var answer = await GetAsync("v2");
        var body = await InferenceApp.JsonAsync(answer);

        Assert.Equal("serverless", body.GetProperty("name").GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", body.GetProperty("version").GetString());
        Assert.Equal(
            """["binary_tensor_data","classification","model_configuration","model_repository","model_repository(unload_dependents)","parameters","schedule_policy","statistics"]""", body.GetProperty("extensions").GetRawText());
    }

    [Fact]
    public async Task ModelMetadata_OfNewestAndOfItsVersion_ComesFromTheModelItself()
    {
        await app.PublishAsync("route-metadata", Model);
        await app.PublishAsync("route-metadata", Model);

        foreach (var route in new[] { "v2/models/route-metadata", "v2/models/route-metadata/versions/2" })
        {
            using var answer = await GetAsync(route);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(
                """{"name":"route-metadata","versions":["2"],"platform":"onnxruntime_onnx","inputs":[{"name":"x","datatype":"UINT8","shape":[-1,28,28]}],"outputs":[{"name":"x_out","datatype":"UINT8","shape":[-1,28,28]}]}""",
                await answer.Content.ReadAsStringAsync());
        }
    }

    [Theory]
    [InlineData("v2/models/route-absent", "There is no model 'route-absent'")]
    [InlineData("v2/models/..%2f..%2fjobs", "There is no model")]
    [InlineData("v2/models/route-known/versions/7", "has no version '7'")]
    [InlineData("v2/models/route-known/versions/one", "has no version 'one'")]
    [InlineData("v2/models/route-known/versions/01", "has no version '01'")]
    public async Task ModelMetadata_OfNothing_Is404WithAReason(string route, string reason)
    {
        await app.PublishAsync("route-known", Model);

        using var answer = await GetAsync(route);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains(reason, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v2/models/route-ready/ready", HttpStatusCode.OK)]
    [InlineData("v2/models/route-ready/versions/1/ready", HttpStatusCode.OK)]
    [InlineData("v2/models/route-ready/versions/2/ready", HttpStatusCode.BadRequest)]
    [InlineData("v2/models/route-unready/ready", HttpStatusCode.BadRequest)]
    public async Task ModelReady_OfServedAndOtherModels_Is200Or400(string route, HttpStatusCode status)
    {
        if (await app.Store.TryGetConfigAsync("route-ready", 1) is null)
        {
            await app.PublishAsync("route-ready", Model);
        }

        using var answer = await GetAsync(route);

        Assert.Equal(status, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData("GET", "v2/models/x/infer", "POST")]
    [InlineData("PUT", "v2/models/x/versions/1/infer", "POST")]
    [InlineData("POST", "v2/health/live", "GET")]
    [InlineData("DELETE", "v2/models/x", "GET")]
    public async Task AnyRoute_WrongVerb_Is405AndNamesTheRightOne(string verb, string route, string right)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), route);
        using var answer = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(right, answer.Content.Headers.Allow.Single());
        Assert.Contains(right, (await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "v2/systemsharedmemory/status")]
    [InlineData("GET", "v2/systemsharedmemory/region/r/status")]
    [InlineData("POST", "v2/systemsharedmemory/region/r/register")]
    [InlineData("POST", "v2/systemsharedmemory/unregister")]
    [InlineData("GET", "v2/cudasharedmemory/status")]
    [InlineData("POST", "v2/cudasharedmemory/region/r/unregister")]
    [InlineData("GET", "v2/trace/setting")]
    [InlineData("POST", "v2/models/x/trace/setting")]
    [InlineData("GET", "v2/logging")]
    [InlineData("POST", "v2/logging")]
    public async Task RouteOfAnExtensionThatIsNotThere_AnyVerb_Is501WithAReason(string verb, string route)
    {
        using var request = new HttpRequestMessage(new HttpMethod(verb), route);
        using var answer = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.NotEmpty((await InferenceApp.JsonAsync(answer)).GetProperty("error").GetString()!);
    }

    private Task<HttpResponseMessage> GetAsync(string route) => app.Client.GetAsync(new Uri(route, UriKind.Relative));
}
