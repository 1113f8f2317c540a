using System.IO.Compression;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Unpacks gzip and notices where the file was cut off, which <see cref="GZipStream"/> takes for its end. A gzip file may have several members; so one more
/// is put
/// behind it, and only a file that is complete lets that member's content come out as the last bytes.
/// </summary>
internal sealed class CheckedGZipStream : Stream
{
    private const int BufferBytes = 64 * 1024;

    // Random, so that no file ends with them by chance.
    private static readonly byte[] Mark = [0x9d, 0x1f, 0x5a, 0xe3, 0x40, 0xc6, 0x77, 0x0b, 0xd2, 0x88, 0x35, 0xfa, 0x61, 0x2c, 0xb4, 0x19];
    private static readonly byte[] MarkMember = Compress(Mark);

    private readonly GZipStream _inner;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private int _begin;
    private int _end;
    private bool _checked;

    public CheckedGZipStream(Stream compressed) =>
        _inner = new GZipStream(new JoinedStream(compressed, MarkMember), CompressionMode.Decompress, leaveOpen: true);

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="InvalidDataException">The file is damaged or cut off.</exception>
    public override int Read(Span<byte> buffer)
    {
        // As many bytes as the mark has are always held back: they may be it.
        while (_end - _begin <= Mark.Length && !_checked)
        {
            _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
            (_begin, _end) = (0, _end - _begin);
            var read = Unpack();
            _end += read;
            if (read == 0)
            {
                CheckMark();
            }
        }

        var count = Math.Min(buffer.Length, _checked ? 0 : _end - _begin - Mark.Length);
        _buffer.AsSpan(_begin, count).CopyTo(buffer);
        _begin += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _inner.Dispose();
        base.Dispose(disposing);
    }

    private static byte[] Compress(byte[] content)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }

    private int Unpack()
    {
        try
        {
            return _inner.Read(_buffer.AsSpan(_end));
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException("the compressed file is damaged or cut off.", exception);
        }
    }

    private void CheckMark()
    {
        if (!_buffer.AsSpan(_begin, _end - _begin).SequenceEqual(Mark))
        {
            throw new InvalidDataException("the compressed file is damaged or cut off, or something that is no gzip follows it.");
        }

        _checked = true;
    }
}
