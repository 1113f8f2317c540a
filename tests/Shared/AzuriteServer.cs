using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Serverless.Testing;

/// <summary>
/// A real Azurite on free ports with its data in a folder of its own; gone, data included, when disposed. As an xunit fixture it serves all tests of a class
/// or collection: every test uses jobs and datasets of its own.
/// </summary>
public sealed partial class AzuriteServer : IDisposable, IAsyncDisposable
{
    private const string Variable = "SERVERLESS_AZURITE";
    private const string Script = "artifacts/azurite/node_modules/azurite/dist/src/azurite.js";

    // Azurite's well-known account, the same on every machine: not a secret.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("serverless-azurite-").FullName;
    private readonly ConcurrentQueue<string> _output = new();
    private Process? _process;

    /// <summary>Starts it on ports that the system chooses.</summary>
    public AzuriteServer() => Start();

    /// <summary>The blob service's port; the same after a restart.</summary>
    public int BlobPort { get; private set; }

    /// <summary>The queue service's port; the same after a restart.</summary>
    public int QueuePort { get; private set; }

    /// <summary>How storage clients connect.</summary>
    public string ConnectionString => string.Create(
        CultureInfo.InvariantCulture,
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};BlobEndpoint=http://127.0.0.1:{BlobPort}/{Account};QueueEndpoint=http://127.0.0.1:{QueuePort}/{Account};");

    /// <summary>Kills it as <c>kill -9</c> does; the data stays on disk.</summary>
    public void Kill()
    {
        if (_process is { } process)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
            _process = null;
        }
    }

    /// <summary>Starts it, the first time or after <see cref="Kill"/>, and returns when it listens.</summary>
    public void Start()
    {
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        string[] arguments =
        [
            FindScript(), "--blobPort", Text(BlobPort), "--queuePort", Text(QueuePort), "--tablePort", "0",
            "--location", _folder, "--skipApiVersionCheck", "--disableTelemetry", "--silent",
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var listening = new ManualResetEventSlim();
        var process = _process = Process.Start(start) ?? throw new InvalidOperationException("node did not start");
        process.OutputDataReceived += (_, line) => Read(line.Data, listening);
        process.ErrorDataReceived += (_, line) => Read(line.Data, listening);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var patience = Stopwatch.StartNew();
        while (!listening.Wait(TimeSpan.FromMilliseconds(100)))
        {
            if (process.HasExited || patience.Elapsed > StartTime)
            {
                throw new InvalidOperationException($"Azurite did not start: {string.Join(Environment.NewLine, _output)}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        Directory.Delete(_folder, recursive: true);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static string FindScript()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, Script);
            if (File.Exists(script))
            {
                return script;
            }
        }

        throw new InvalidOperationException($"Azurite is not installed: run ./serverless once, or set {Variable} to the path of its dist/src/azurite.js.");
    }

    private void Read(string? line, ManualResetEventSlim listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (Listening().Match(line) is not { Success: true } match)
        {
            return;
        }

        var port = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
        if (match.Groups[1].Value == "Blob")
        {
            BlobPort = port;
        }
        else
        {
            // Services start one after the other: with queues up, blobs are.
            QueuePort = port;
            listening.Set();
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Azurite (Blob|Queue) service is successfully listening at https?://[^:/]+:(\d+)")]
    private static partial Regex Listening();
}
