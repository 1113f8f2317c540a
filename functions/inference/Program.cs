using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

namespace Serverless.Inference;

/// <summary>The process's entry point.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.Services.AddInference(builder.Configuration);
        await builder.Build().RunAsync();
    }
}
