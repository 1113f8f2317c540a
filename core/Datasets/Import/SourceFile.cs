using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>A file of a split, opened for one sequential reading; gzip is recognised by its first bytes.</summary>
internal sealed class SourceFile : IDisposable
{
    private const int BufferBytes = 256 * 1024;

    private readonly FileStream _file;

    private SourceFile(string field, string path, FileStream file)
    {
        (Field, Path, _file) = (field, path, file);
        Span<byte> magic = stackalloc byte[2];
        IsCompressed = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        file.Position = 0;
        Stream = IsCompressed ? new CheckedGZipStream(file) : file;
    }

    /// <summary>The option the file came from.</summary>
    public string Field { get; }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>Whether <see cref="Stream"/> unpacks it.</summary>
    public bool IsCompressed { get; }

    /// <summary>The content.</summary>
    public Stream Stream { get; }

    /// <summary>Bytes of the content, where that is known without unpacking it.</summary>
    public long? Length => IsCompressed ? null : _file.Length;

    /// <exception cref="ValidationException">The file cannot be opened, or is empty.</exception>
    public static SourceFile Open(string field, string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, FileOptions.SequentialScan);
            if (file.Length > 0)
            {
                return new SourceFile(field, path, file);
            }

            file.Dispose();
            throw new ValidationException(field, $"'{path}' is empty");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ValidationException(field, $"'{path}' cannot be opened: {exception.Message}");
        }
    }

    /// <summary>Fills a buffer.</summary>
    /// <exception cref="ValidationException">The file ends before, or is damaged.</exception>
    public void ReadExactly(Span<byte> buffer, string what)
    {
        var read = Read(buffer);
        if (read < buffer.Length)
        {
            throw Error($"ends {read} bytes into {what}, which has {buffer.Length}");
        }
    }

    /// <summary>Checks that nothing follows what was read.</summary>
    /// <exception cref="ValidationException">Something does.</exception>
    public void CheckEnd(string what)
    {
        Span<byte> one = stackalloc byte[1];
        if (Read(one) != 0)
        {
            throw Error($"goes on after {what}");
        }
    }

    /// <summary>An error of this file.</summary>
    public ValidationException Error(string message) => new(Field, $"'{Path}' {message}");

    public void Dispose()
    {
        Stream.Dispose();
        _file.Dispose();
    }

    private int Read(Span<byte> buffer)
    {
        try
        {
            return Stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException exception)
        {
            throw Error($"is damaged: {exception.Message}");
        }
    }
}
