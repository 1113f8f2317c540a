using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace Serverless.Cli.Tests.Substitutes;

/// <summary>What only a substitute promises; not compiled where the official packages are.</summary>
public sealed class SubstituteTests
{
    [Theory]
    [MemberData(nameof(FunctionsSurfaceTests.Assemblies), MemberType = typeof(FunctionsSurfaceTests))]
    public void Substitute_OfTheWorker_OffersNothingThatIsNotListed(string assembly)
    {
        var listed = FunctionsSurfaceTests.Listed()[assembly];

        Assert.Empty(PublicSurface.Of(Assembly.Load(assembly)).Except(listed));
    }

    [Fact]
    public void ServiceBusClient_Constructed_NamesTheMissingPackage()
    {
        var error = Assert.Throws<PlatformNotSupportedException>(() => new ServiceBusClient("Endpoint=sb://somewhere/"));

        Assert.Contains("Azure.Messaging.ServiceBus", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FunctionApp_StartedWithoutAFunctionsHost_SaysThatTheEndpointIsMissing()
    {
        using var app = FunctionsApplication.CreateBuilder([]).ConfigureFunctionsWebApplication().Build();

        var error = Assert.Throws<InvalidOperationException>(app.Start);

        Assert.Contains("Functions:Worker:HostEndpoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FunctionApp_StartedByAFunctionsHost_NamesTheMissingPackage()
    {
        using var app = FunctionsApplication.CreateBuilder(["--functions-uri", "http://127.0.0.1:1"]).ConfigureFunctionsWebApplication().Build();

        var error = Assert.Throws<PlatformNotSupportedException>(app.Start);

        Assert.Contains("Microsoft.Azure.Functions.Worker", error.Message, StringComparison.Ordinal);
        Assert.Contains("http://127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FunctionAppBuilder_BuiltTwice_Refuses()
    {
        var builder = FunctionsApplication.CreateBuilder([]);
        builder.Build().Dispose();

        Assert.Throws<InvalidOperationException>(builder.Build);
    }
}
