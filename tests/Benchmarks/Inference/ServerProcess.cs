using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Benchmarks.Inference;

/// <summary>A server in a process of its own, measured from outside like any other.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly HttpClient _client;

    private ServerProcess(Process process, Uri root)
    {
        _process = process;
        Root = root;
        _client = new HttpClient { BaseAddress = root };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The server's root.</summary>
    public Uri Root { get; }

    /// <summary>From the start of the process to its first right answer.</summary>
    public TimeSpan FirstAnswer { get; private set; }

    /// <summary>Ours: <c>serverless serve</c>, the inference functions alone.</summary>
    /// <param name="storage">Where its models are.</param>
    /// <param name="request">A request it has to answer before this returns.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<ServerProcess> StartOursAsync(string storage, BinaryRequest request, CancellationToken cancellation) => StartAsync(
        "dotnet",
        port => [Assembly("Serverless.Cli"), "serve", "--port", port, "--json"],
        new Dictionary<string, string> { ["AzureWebJobsStorage"] = storage },
        request,
        cancellation);

    /// <summary>fastify with onnxruntime-node.</summary>
    /// <param name="model">Path of the model.</param>
    /// <param name="name">The name to serve it under.</param>
    /// <param name="request">A request it has to answer before this returns.</param>
    /// <param name="cancellation">Gives up.</param>
    public static Task<ServerProcess> StartFastifyAsync(string model, string name, BinaryRequest request, CancellationToken cancellation) => StartAsync(
        "node",
        port => [Path.Combine(AppContext.BaseDirectory, "Inference", "fastify_peer.cjs"), port, model, name, "1"],
        new Dictionary<string, string> { ["NODE_PATH"] = PeerPackages.Find(), ["NODE_ENV"] = "production" },
        request,
        cancellation);

    /// <summary>Kestrel alone: see <see cref="KestrelCeiling"/>.</summary>
    public static Task<ServerProcess> StartKestrelAsync(string answer, int jsonLength, BinaryRequest request, CancellationToken cancellation) => StartAsync(
        "dotnet",
        port => [Assembly("Serverless.Benchmarks"), KestrelCeiling.Command, port, answer, jsonLength.ToString(CultureInfo.InvariantCulture)],
        [],
        request,
        cancellation);

    /// <summary>Sends a request and gives the raw answer.</summary>
    public async Task<(byte[] Body, int JsonLength)> AskAsync(BinaryRequest request, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(request.Body);
        content.Headers.Add(BinaryRequest.JsonLengthHeader, request.JsonLength.ToString(CultureInfo.InvariantCulture));
        using var answer = await _client.PostAsync(new Uri(request.Path, UriKind.Relative), content, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadAsByteArrayAsync(cancellation), int.Parse(answer.Headers.GetValues(BinaryRequest.JsonLengthHeader).Single(), CultureInfo.InvariantCulture));
    }

    /// <summary>Reads counters from <c>/metrics</c>, each summed over its labels.</summary>
    /// <param name="names">The counters.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<double[]> CountersAsync(string[] names, CancellationToken cancellation)
    {
        var lines = (await _client.GetStringAsync(new Uri("metrics", UriKind.Relative), cancellation)).Split('\n');
        return [.. names.Select(name => lines
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is ' ' or '{')
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture)))];
    }

    /// <summary>Waits until a request gets its right answer.</summary>
    /// <exception cref="InvalidOperationException">It does not, or the process has ended.</exception>
    public async Task WaitAsync(BinaryRequest request, CancellationToken cancellation)
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(Pause, cancellation))
        {
            if (_process.HasExited)
            {
                break;
            }

            try
            {
                if (await request.TrySendAsync(_client, cancellation))
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
        }

        throw new InvalidOperationException($"{_process.StartInfo.FileName} gave no right answer to {request.Path}: {Output()}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task<ServerProcess> StartAsync(
        string program, Func<string, string[]> arguments, Dictionary<string, string> environment, BinaryRequest request, CancellationToken cancellation)
    {
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        Array.ForEach(arguments(port), start.ArgumentList.Add);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var clock = Stopwatch.StartNew();
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started");
        var server = new ServerProcess(process, new Uri($"http://127.0.0.1:{port}"));
        try
        {
            await server.WaitAsync(request, cancellation);
            server.FirstAnswer = clock.Elapsed;
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private static string Assembly(string name) => Path.Combine(AppContext.BaseDirectory, $"{name}.dll");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Note(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }

    private string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }
}
