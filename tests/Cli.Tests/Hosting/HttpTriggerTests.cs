using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace Serverless.Cli.Tests.Hosting;

public sealed class HttpTriggerTests(SampleHost host) : IClassFixture<SampleHost>
{
    [Fact]
    public async Task Request_InstanceFunctionWithRouteValue_AnswersItsActionResult()
    {
        var answer = await host.Http.GetFromJsonAsync<JsonElement>("sample/greet/Ada");

        Assert.Equal("Hello Ada", answer.GetProperty("greeting").GetString());
        Assert.Contains("GET", host.Trace.Seen("greet"));
    }

    [Theory]
    [InlineData("sample/add/40/2", "42 3")]
    [InlineData("sample/add/40", "40 3")]
    public async Task Request_NumbersInRoute_AreParsed(string path, string expected)
    {
        var response = await host.Http.PostAsync(path, new StringContent("abc"));

        Assert.Equal(expected, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Request_RouteValueThatDoesNotParse_Is400NamingIt()
    {
        var response = await host.Http.PostAsync("sample/add/forty", new StringContent(""));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync<ProblemDetails>();
        Assert.Contains("'forty'", problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("left", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_FunctionThatWritesItself_GetsItsBytes()
    {
        var body = new byte[300_000];
        new Random(7).NextBytes(body);

        var response = await host.Http.PostAsync("sample/echo", new ByteArrayContent(body));

        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Request_NoRouteAndNoVerbs_AnswersAllVerbsAtTheFunctionsName()
    {
        var response = await host.Http.PutAsync("sample/Unnamed", null);

        Assert.Equal("/sample/Unnamed", (await response.Content.ReadAsStringAsync()).Trim('"'));
    }

    [Fact]
    public async Task Request_WrongVerb_Is405()
    {
        var response = await host.Http.DeleteAsync("sample/greet/Ada");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("GET", response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Request_OutsideThePrefix_Is404()
    {
        var response = await host.Http.GetAsync("greet/Ada");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Request_FunctionThrows_Is500WithItsName()
    {
        var response = await host.Http.GetAsync("sample/fail");

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<ProblemDetails>();
        Assert.Contains("Fail", problem!.Detail, StringComparison.Ordinal);
        Assert.Contains("no answer to", problem.Detail, StringComparison.Ordinal);
    }
}
