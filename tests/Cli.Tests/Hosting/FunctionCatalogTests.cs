using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Serverless.Cli.Hosting;
using Serverless.Cli.Hosting.Functions;

namespace Serverless.Cli.Tests.Hosting;

public sealed class FunctionCatalogTests
{
    [Theory]
    [InlineData(typeof(WithoutTrigger), "WithoutTrigger", "no trigger")]
    [InlineData(typeof(UnknownParameter), "UnknownParameter", "'verbosity'")]
    [InlineData(typeof(UnknownResult), "UnknownResult", "System.String")]
    [InlineData(typeof(OtherConnection), "OtherConnection", "'Elsewhere'")]
    [InlineData(typeof(FiveFields), "FiveFields", "six fields")]
    [InlineData(typeof(MissingSetting), "MissingSetting", "%Nowhere%")]
    [InlineData(typeof(BrokenRoute), "BrokenRoute", "'jobs/{id'")]
    public void Read_FunctionTheHostCannotRun_SaysWhichAndWhy(Type type, string function, string reason)
    {
        var failure = Assert.Throws<HostStartException>(() => FunctionCatalog.Read([type], "", new ConfigurationBuilder().Build()));

        Assert.Contains(function, failure.Message, StringComparison.Ordinal);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
    }

    public static class WithoutTrigger
    {
        [Function("WithoutTrigger")]
        public static void Run(string message) => _ = message;
    }

    public static class UnknownParameter
    {
        [Function("UnknownParameter")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs/{id}")] HttpRequest request, int verbosity) => Results.Ok((request.Path, verbosity));
    }

    public static class UnknownResult
    {
        [Function("UnknownResult")]
        public static string Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => request.Path;
    }

    public static class OtherConnection
    {
        [Function("OtherConnection")]
        public static void Run([QueueTrigger("queue", Connection = "Elsewhere")] string message) => _ = message;
    }

    public static class FiveFields
    {
        [Function("FiveFields")]
        public static void Run([TimerTrigger("* * * * *")] TimerInfo timer) => _ = timer;
    }

    public static class MissingSetting
    {
        [Function("MissingSetting")]
        public static void Run([QueueTrigger("%Nowhere%")] string message) => _ = message;
    }

    public static class BrokenRoute
    {
        [Function("BrokenRoute")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs/{id")] HttpRequest request) => Results.Ok(request.Path);
    }
}
