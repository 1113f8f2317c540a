using Serverless.EndToEnd.Processes;

namespace Serverless.EndToEnd.Installations;

/// <summary>A folder in which the command is run, with the data folder of a local host of its own. Whatever a command started has to be gone when it has ended.</summary>
internal sealed class CommandLineFolder : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("serverless-commands-").FullName;
    private readonly ProcessLog _log = new();
    private int _count;

    public CommandLineFolder() => ProcessMark.Set();

    /// <summary>The host's data folder.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs the command to its end.</summary>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public async Task<CommandResult> RunAsync(TimeSpan patience, params string[] arguments)
    {
        await using var process = ProductProcess.Start(
            $"command-{++_count}", ProductFiles.Cli, [.. arguments, "--folder", Data], ProductFiles.Environment, _log);
        var code = await process.ExitAsync(patience);
        Assert.Empty(await ProcessMark.WaitUntilNoneAsync(TimeSpan.FromSeconds(5)));
        return new CommandResult(code, process.Output, process.Errors);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        Assert.Empty(await ProcessMark.WaitUntilNoneAsync(TimeSpan.FromSeconds(10)));
    }
}
