namespace Serverless.Cli.Hosting;

/// <summary>Another host is running on the same data folder.</summary>
/// <param name="folder">The folder.</param>
/// <param name="running">What the running host says about itself, if it got that far.</param>
public sealed class FolderInUseException(string folder, HostRecord? running) : Exception(Describe(folder, running))
{
    /// <summary>The running host, or null if it has not finished starting.</summary>
    public HostRecord? Running { get; } = running;

    private static string Describe(string folder, HostRecord? running) => running is null
        ? $"Another host is just starting or stopping on the data folder {folder}. Try again in a moment, or choose another folder with --folder."
        : $"A host is already running on the data folder {folder}: process {running.ProcessId}, {running.Url}. Use that one, stop it, or choose another folder with --folder.";
}
