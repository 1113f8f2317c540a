using Microsoft.Extensions.Logging;
using Serverless.Cli.Api;
using Serverless.Cli.Hosting;
using Serverless.Cli.Output;
using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Cli.Connections;

/// <summary>
/// A host to talk to: the one the user named, the one that runs on the data folder, the one at the usual address, or, where there is none of these, one of this
/// command's own that ends with it. Its data stays in the folder, so the next command finds what this one made.
/// </summary>
internal sealed class HostConnection : IAsyncDisposable
{
    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly LocalHost? _own;
    private readonly HostRecord? _record;

    private HostConnection(Uri url, LocalHost? own, HostRecord? record)
    {
        _http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
        if (Environment.GetEnvironmentVariable(HostAddress.KeyVariable) is { Length: > 0 } key)
        {
            _http.DefaultRequestHeaders.Add("x-functions-key", key);
        }

        _own = own;
        _record = record;
        Client = new ServerlessClient(_http);
    }

    /// <summary>The host's functions.</summary>
    public ServerlessClient Client { get; }

    /// <summary>The host's address.</summary>
    public Uri Url => _http.BaseAddress!;

    /// <summary>Whether the host ends with this command.</summary>
    public bool IsOwn => _own is not null;

    /// <summary>The host's storage account.</summary>
    /// <exception cref="UsageException">The host is not a local one, and nothing says where its storage is.</exception>
    public ServerlessStorage Storage() => TryStorage()
        ?? throw new UsageException($"{Url} is not a local host, so the environment has to say where its storage is: set {StorageNames.Connection} to its connection string.");

    /// <summary>The host's storage account, or null where the host is not a local one and nothing says where its storage is.</summary>
    public ServerlessStorage? TryStorage()
    {
        if ((_own?.StorageConnectionString ?? _record?.Storage) is { } local)
        {
            return ServerlessStorage.Connect(new StorageSettings { ConnectionString = local }, StoragePatience.Brief);
        }

        try
        {
            return ServerlessStorage.Connect(StorageSettings.FromEnvironment(), StoragePatience.Brief);
        }
        catch (ValidationException)
        {
            return null;
        }
    }

    /// <summary>Finds or starts a host.</summary>
    /// <param name="address">Which host.</param>
    /// <param name="need">What the command needs of it.</param>
    /// <param name="trainers">How many trainers to start at most, where one is started and trainers are needed.</param>
    /// <param name="terminal">Told when one is started.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="HostUnreachableException">The host the user named does not answer.</exception>
    public static async Task<HostConnection> OpenAsync(HostAddress address, HostNeed need, int trainers, Terminal terminal, CancellationToken cancellation)
    {
        if (address.Named() is { } named)
        {
            return await FindAsync(named, cancellation)
                ?? throw new HostUnreachableException($"Nothing answers at {named}. Start a host with 'serverless up', or name the one you mean with --url or ${HostAddress.Variable}.");
        }

        if (DataFolder.FindRunning(address.Folder) is { } running)
        {
            return new HostConnection(running.Url, own: null, running);
        }

        return await FindAsync(HostAddress.Default, cancellation) ?? await StartAsync(address.Folder, need, need == HostNeed.Trainers ? trainers : 0, terminal, cancellation);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }
    }

    private static async Task<HostConnection> StartAsync(string folder, HostNeed need, int trainers, Terminal terminal, CancellationToken cancellation)
    {
        if (need == HostNeed.ExistingData && !Directory.Exists(folder))
        {
            throw new HostUnreachableException(
                $"No host runs at {HostAddress.Default}, and there is no data of an earlier one in {Path.GetFullPath(folder)}. Start one with 'serverless up', see everything at work with 'serverless demo', or name a host with --url.");
        }

        terminal.Note($"No host is running: this command starts one for itself, with {LocalHosts.Describe(trainers)} and its data in {Path.GetFullPath(folder)}.");
        var options = LocalHosts.Options(folder, trainers) with { ConfigureLogging = logging => logging.AddProvider(new TerminalLogProvider(terminal)) };
        var host = await LocalHost.StartAsync(need == HostNeed.Storage ? options with { Apps = [] } : options, cancellation);
        return new HostConnection(host.Url, host, record: null);
    }

    private static async Task<HostConnection?> FindAsync(Uri url, CancellationToken cancellation)
    {
        using var http = new HttpClient { BaseAddress = url, Timeout = LookTime };
        try
        {
            using var answer = await http.GetAsync(HostRecord.Route, cancellation);
            var record = answer.IsSuccessStatusCode ? HostRecord.TryParse(await answer.Content.ReadAsByteArrayAsync(cancellation)) : null;
            if (record is not null)
            {
                return new HostConnection(url, own: null, record);
            }

            // In the cloud there is no such route; the inference app says what it is.
            using var live = await http.GetAsync("v2/health/live", cancellation);
            return live.IsSuccessStatusCode ? new HostConnection(url, own: null, record: null) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
