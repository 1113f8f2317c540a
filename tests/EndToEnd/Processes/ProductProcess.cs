using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Serverless.EndToEnd.Processes;

/// <summary>
/// A program of the product as a process of its own, with everything it says. Disposing it ends it and whatever it started.
/// </summary>
internal sealed class ProductProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isDisposed;

    private ProductProcess(string name, Process process, ProcessLog log)
    {
        Name = name;
        _process = process;
        Id = process.Id;
        Exited = WaitAsync(
            CopyAsync(process.StandardOutput, line =>
            {
                _output.Enqueue(line);
                _firstLine.TrySetResult(line);
                log.Write(name, line);
            }),
            CopyAsync(process.StandardError, line =>
            {
                _errors.Enqueue(line);
                log.Write(name, line);
            }));
    }

    /// <summary>What the log calls it.</summary>
    public string Name { get; }

    /// <summary>The process id.</summary>
    public int Id { get; }

    /// <summary>Completes with the exit code once everything it said is read.</summary>
    public Task<int> Exited { get; }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !Exited.IsCompleted;

    /// <summary>The lines of standard output so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Standard error so far.</summary>
    public string Errors => string.Join(Environment.NewLine, _errors);

    /// <summary>Memory of the process that is in RAM right now, in bytes.</summary>
    public long ResidentBytes => Memory("VmRSS:");

    /// <summary>The most memory that the process had in RAM since it began, or since <see cref="ForgetPeak"/>, in bytes.</summary>
    public long PeakResidentBytes => Memory("VmHWM:");

    /// <summary>Starts one of the product's programs.</summary>
    /// <param name="name">What the log calls it.</param>
    /// <param name="program">Its file beside this test's, such as <c>Serverless.Trainer.dll</c>.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Settings on top of this process's own; null removes one.</param>
    /// <param name="log">Gets what it says.</param>
    public static ProductProcess Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment, ProcessLog log)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, program), .. arguments])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return new ProductProcess(name, Process.Start(start)!, log);
    }

    /// <summary>The first line it writes to standard output.</summary>
    /// <param name="patience">How long that may take.</param>
    /// <exception cref="InvalidOperationException">It ended without one, or took too long.</exception>
    public async Task<string> FirstLineAsync(TimeSpan patience)
    {
        var done = await Task.WhenAny(_firstLine.Task, Exited, Task.Delay(patience));
        return done == _firstLine.Task
            ? await _firstLine.Task
            : throw new InvalidOperationException($"{Name} {(done == Exited ? "ended" : $"said nothing for {patience}")}: {Errors}");
    }

    /// <summary>The exit code, when it ends by itself in time.</summary>
    /// <exception cref="TimeoutException">It did not; it is killed.</exception>
    public async Task<int> ExitAsync(TimeSpan patience)
    {
        try
        {
            return await Exited.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            Kill();
            throw new TimeoutException($"{Name} did not end within {patience}. {Errors}");
        }
    }

    /// <summary>Measures the most memory anew from now on.</summary>
    public void ForgetPeak() => File.WriteAllText($"/proc/{Id.ToString(CultureInfo.InvariantCulture)}/clear_refs", "5");

    /// <summary><c>kill -9</c> of this one process.</summary>
    public void Kill() => _process.Kill();

    /// <summary><c>kill -TERM</c>.</summary>
    public void Terminate()
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _process.Kill(entireProcessTree: true);
        await Exited;
        _process.Dispose();
    }

    private static async Task CopyAsync(StreamReader reader, Action<string> line)
    {
        while (await reader.ReadLineAsync() is { } text)
        {
            line(text);
        }
    }

    private long Memory(string field)
    {
        var line = File.ReadLines($"/proc/{Id.ToString(CultureInfo.InvariantCulture)}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(field.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) << 10;
    }

    private async Task<int> WaitAsync(params Task[] copies)
    {
        await _process.WaitForExitAsync();

        // A child of its own may hold the pipes for a moment longer.
        await Task.WhenAny(Task.WhenAll(copies), Task.Delay(TimeSpan.FromSeconds(2)));
        return _process.ExitCode;
    }
}
