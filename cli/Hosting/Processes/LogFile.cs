using System.Globalization;

namespace Serverless.Cli.Hosting.Processes;

/// <summary>A text file of log lines, each with its time. What earlier runs left is put aside once, as <c>.old</c>, when the file has grown large.</summary>
internal sealed class LogFile : IDisposable
{
    private const long Large = 10 << 20;

    private readonly Lock _writing = new();
    private readonly StreamWriter _writer;
    private readonly TimeProvider _time;
    private bool _isClosed;

    /// <summary>Opens the file for appending.</summary>
    /// <param name="path">The file.</param>
    /// <param name="time">The clock of the lines' times.</param>
    public LogFile(string path, TimeProvider time)
    {
        Path = path;
        _time = time;
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!);
        if (File.Exists(path) && new FileInfo(path).Length > Large)
        {
            File.Move(path, path + ".old", overwrite: true);
        }

        _writer = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Adds a line. Lines that come after the file was closed are left out.</summary>
    /// <param name="source">Who says it.</param>
    /// <param name="line">What it says.</param>
    public void Write(string source, string line)
    {
        var time = _time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        lock (_writing)
        {
            if (!_isClosed)
            {
                _writer.WriteLine($"{time} [{source}] {line}");
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_writing)
        {
            _isClosed = true;
            _writer.Dispose();
        }
    }
}
