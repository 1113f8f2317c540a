namespace Serverless.Cli.Hosting;

/// <summary>
/// The folder a local host keeps everything in, held by one host at a time. The hold is an operating-system lock on an open file, so it ends with the
/// process however that ends.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "lock";
    private const string RecordName = "host.json";

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>Azurite's data.</summary>
    public string Storage => System.IO.Path.Combine(Path, "azurite");

    /// <summary>Log files of the host and its children.</summary>
    public string Logs => System.IO.Path.Combine(Path, "logs");

    /// <summary>Takes the folder, creating it where needed.</summary>
    /// <exception cref="FolderInUseException">Another host has it.</exception>
    public static DataFolder Take(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"The data folder {full} cannot be created: {e.Message} Choose another with --folder.");
        }

        FileStream held;
        try
        {
            held = new FileStream(System.IO.Path.Combine(full, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new HostStartException($"The data folder {full} cannot be written: {e.Message} Choose another with --folder.");
        }
        catch (IOException)
        {
            throw new FolderInUseException(full, ReadRecord(full));
        }

        var folder = new DataFolder(full, held);
        Directory.CreateDirectory(folder.Storage);
        Directory.CreateDirectory(folder.Logs);
        File.Delete(System.IO.Path.Combine(full, RecordName));
        return folder;
    }

    /// <summary>The host that is running on a folder.</summary>
    /// <returns>Its record, or null where no host runs or it is not ready yet.</returns>
    public static HostRecord? FindRunning(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        if (ReadRecord(full) is not { } record)
        {
            return null;
        }

        try
        {
            // Nobody holds the lock: the record was left by a host that was killed.
            using var probe = new FileStream(System.IO.Path.Combine(full, LockName), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (IOException)
        {
            return record;
        }
    }

    /// <summary>Tells others on this machine how to reach the host. Written aside and moved in place: readers see all of it or nothing.</summary>
    public void Publish(HostRecord record)
    {
        var target = System.IO.Path.Combine(Path, RecordName);
        var aside = target + ".new";
        File.WriteAllBytes(aside, record.ToJson());
        File.Move(aside, target, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(System.IO.Path.Combine(Path, RecordName));
        _lock.Dispose();
    }

    private static HostRecord? ReadRecord(string folder)
    {
        try
        {
            return HostRecord.TryParse(File.ReadAllBytes(System.IO.Path.Combine(folder, RecordName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
