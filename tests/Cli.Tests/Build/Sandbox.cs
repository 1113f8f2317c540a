using System.Diagnostics;
using System.Text;

namespace Serverless.Cli.Tests.Build;

/// <summary>A folder that goes away again, with a copy of the repository's build files, and commands run in it.</summary>
internal sealed class Sandbox : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public Sandbox()
    {
        Folder = Directory.CreateTempSubdirectory("serverless-build-").FullName;
        foreach (var file in Directory.EnumerateFiles(Repository, "Directory.*").Concat(Directory.EnumerateFiles(Path.Combine(Repository, "build"), "*", SearchOption.AllDirectories)))
        {
            var relative = Path.GetRelativePath(Repository, file);
            if (!relative.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            {
                Directory.CreateDirectory(Path.GetDirectoryName(InFolder(relative))!);
                File.Copy(file, InFolder(relative));
            }
        }
    }

    public static string Repository { get; } = FindRepository();

    public string Folder { get; }

    public string InFolder(string relative) => Path.Combine(Folder, relative);

    public void Write(string relative, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(InFolder(relative))!);
        File.WriteAllText(InFolder(relative), content);
    }

    /// <summary>Runs a command in the folder, with nothing from the build this test itself may have been started by.</summary>
    public async Task<CommandResult> Run(string command, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(command, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Patience);
        var standardOutput = new StringBuilder();
        var output = new StringBuilder();
        void Collect(string? line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }

        process.OutputDataReceived += (_, line) =>
        {
            standardOutput.AppendLine(line.Data);
            Collect(line.Data);
        };
        process.ErrorDataReceived += (_, line) => Collect(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{command} {string.Join(' ', arguments)}' did not end within {Patience}. It printed: {output}");
        }

        return new CommandResult(process.ExitCode, standardOutput.ToString(), output.ToString());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"No Serverless.sln above {AppContext.BaseDirectory}.");
        }

        return folder.FullName;
    }
}
