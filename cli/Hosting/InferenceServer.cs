using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Http;

namespace Serverless.Cli.Hosting;

/// <summary>
/// One function app over HTTP in a process of its own, as many of them as one likes on the same storage account: what a scaled-out function app is in the cloud. It keeps no
/// folder, starts no storage and no trainers.
/// </summary>
public sealed class InferenceServer : IAsyncDisposable
{
    private readonly TriggerServer _web;
    private readonly RunningApp _app;

    private InferenceServer(TriggerServer web, RunningApp app, Uri url)
    {
        _web = web;
        _app = app;
        Url = url;
    }

    /// <summary>Root of the HTTP triggers.</summary>
    public Uri Url { get; }

    /// <summary>Starts it and returns when requests are answered.</summary>
    /// <param name="app">The app.</param>
    /// <param name="port">Where to listen; 0 lets the system choose.</param>
    /// <param name="storage">Connection string of the storage account.</param>
    /// <param name="logging">Adds log providers.</param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="PortTakenException">The port is in use by another program.</exception>
    /// <exception cref="HostStartException">The function app is not one that this host can run.</exception>
    public static async Task<InferenceServer> StartAsync(FunctionApp app, int port, string storage, Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        var running = RunningApp.Create(app, new LocalHostOptions(), storage, logging);
        var web = new TriggerServer(port, [running], logging);
        try
        {
            // The app looks for its models while the socket is being opened.
            await running.StartAsync(cancellationToken);
            return new InferenceServer(web, running, await web.StartAsync(cancellationToken));
        }
        catch
        {
            await web.DisposeAsync();
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets requests in flight finish, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _app.DisposeAsync();
    }
}
