using System.ComponentModel;
using System.Diagnostics;

namespace Serverless.Cli.Hosting.Processes;

/// <summary>
/// A child that cannot outlive this process: its standard input is a pipe whose other end only this process holds, and the end of that input tells it to stop.
/// The system closes the pipe whatever way this process ends, which no exit handler could promise.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _output;

    private ChildProcess(Process process, Action<string> line)
    {
        _process = process;
        Id = process.Id;
        _output = Task.WhenAll(CopyAsync(process.StandardOutput, line), CopyAsync(process.StandardError, line));
        Exited = WaitAsync();
    }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code, after the last line of output.</summary>
    public Task<int> Exited { get; }

    /// <summary>Starts a program.</summary>
    /// <param name="fileName">The program, found along PATH.</param>
    /// <param name="arguments">Its arguments, each passed on as it is.</param>
    /// <param name="environment">Settings on top of this process's own.</param>
    /// <param name="line">Gets each line of standard output and standard error; calls may come from two threads.</param>
    /// <exception cref="HostStartException">There is no such program, or it may not be run.</exception>
    public static ChildProcess Start(string fileName, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>> environment, Action<string> line)
    {
        var start = new ProcessStartInfo(fileName, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return new ChildProcess(Process.Start(start)!, line);
        }
        catch (Win32Exception e)
        {
            throw new HostStartException($"The program '{fileName}' could not be started: {e.Message}");
        }
    }

    /// <summary>Asks the child to stop, and ends it if it does not.</summary>
    /// <param name="grace">How long it may take.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        AskToStop();
        try
        {
            await Exited.WaitAsync(grace);
        }
        catch (TimeoutException)
        {
            Kill();
            await Exited;
        }
    }

    /// <summary>Asks the child to stop.</summary>
    public void AskToStop()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It is gone already.
        }
    }

    /// <summary>Ends the child and what it started, at once.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It is gone already.
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!Exited.IsCompleted)
        {
            Kill();
            await Exited;
        }

        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync() is { } text)
        {
            line(text);
        }
    }

    private async Task<int> WaitAsync()
    {
        await _process.WaitForExitAsync();

        // A grandchild may keep the pipes open; its output is not worth waiting for.
        await Task.WhenAny(_output, Task.Delay(TimeSpan.FromSeconds(1)));
        return _process.ExitCode;
    }
}
