using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Serverless.Cli.Tests;

/// <summary>The <c>serverless</c> command as a process of its own, as a shell would start it.</summary>
internal sealed class ToolProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _copies;

    private ToolProcess(Process process)
    {
        _process = process;
        _copies = Task.WhenAll(CopyAsync(process.StandardOutput, _output), CopyAsync(process.StandardError, _error));
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output => Read(_output);

    public string Error => Read(_error);

    /// <summary>Starts the command in a folder.</summary>
    public static ToolProcess Start(string folder, params string[] arguments)
    {
        // A test run may itself be in the background, where a shell makes its children deaf to SIGINT; a terminal does not.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Serverless.Cli.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("SERVERLESS_URL");
        return new ToolProcess(Process.Start(start)!);
    }

    /// <summary>Runs the command to its end.</summary>
    public static async Task<ToolResult> RunAsync(string folder, params string[] arguments)
    {
        using var tool = Start(folder, arguments);
        return await tool.WaitAsync();
    }

    public async Task<ToolResult> WaitAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _copies;
        return new ToolResult(_process.ExitCode, Output, Error);
    }

    /// <summary>Waits for the ready line of <c>up --json</c>.</summary>
    public async Task<JsonElement> ReadyAsync()
    {
        await Eventually.TrueAsync(() => HasExited || Output.Contains('\n', StringComparison.Ordinal), "the host is ready");
        Assert.False(HasExited, $"The host ended: {Error}");
        return JsonDocument.Parse(Output).RootElement;
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    private static async Task CopyAsync(StreamReader reader, StringBuilder text)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }
}
