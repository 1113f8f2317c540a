using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Stands where the connection to the functions host is opened when the app starts.</summary>
internal sealed class WorkerConnection(IConfiguration configuration) : IHostedService
{
    public const string HostEndpointKey = "Functions:Worker:HostEndpoint";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        string? endpoint = configuration[HostEndpointKey];
        if (string.IsNullOrEmpty(endpoint))
        {
            throw new InvalidOperationException($"There is no '{HostEndpointKey}' in the configuration: a function app is started by a functions host, which gives it.");
        }

        throw new PlatformNotSupportedException(
            $"Cannot connect to the functions host at '{endpoint}': this app was built on a feed without the package Microsoft.Azure.Functions.Worker. " +
            "Build with -p:Packages=official where the package exists, or run the app in the local host (serverless up).");
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
