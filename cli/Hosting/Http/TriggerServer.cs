using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Hosting.Http;

/// <summary>The web server in front of HTTP functions: Kestrel and routing, nothing else.</summary>
internal sealed class TriggerServer : IAsyncDisposable
{
    // What the Functions host in the cloud lets through.
    private const long LargestBody = 100L << 20;

    private readonly WebApplication _web;
    private readonly int _port;

    /// <summary>Prepares a server; it does not listen yet.</summary>
    /// <param name="port">Where it will listen; 0 lets the system choose.</param>
    /// <param name="apps">The apps whose HTTP functions it serves.</param>
    /// <param name="logging">Adds log providers.</param>
    public TriggerServer(int port, IEnumerable<RunningApp> apps, Action<ILoggingBuilder> logging)
    {
        _port = port;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            if (port == 0)
            {
                kestrel.Listen(IPAddress.Loopback, 0);
            }
            else
            {
                kestrel.ListenLocalhost(port);
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(log =>
        {
            logging(log);

            // Logging each request is off anyway; to find that out, ASP.NET Core would make an activity and a scope for every one of them.
            log.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        });
        _web = builder.Build();
        _web.UseRouting();
        foreach (var app in apps)
        {
            app.Map(_web);
        }
    }

    /// <summary>The routes, for more than the apps' own.</summary>
    public WebApplication Routes => _web;

    /// <summary>Listens.</summary>
    /// <returns>The server's root.</returns>
    /// <exception cref="PortTakenException">Another program has the port.</exception>
    /// <exception cref="HostStartException">This user may not open the port.</exception>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _web.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new PortTakenException(_port, "HTTP triggers", "--port");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new HostStartException($"Port {_port} may not be opened by this user. Choose one above 1023 with --port.");
        }

        var address = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new Uri(address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
