namespace Serverless.Core.Tensors;

/// <summary>A safetensors file laid over the memory of its tensors: header, then each tensor's bytes, read in place.</summary>
internal sealed class SafetensorsStream : Stream
{
    // What is handed to another stream in one write: large enough to cost nothing, small enough to be cancelled.
    private const int ChunkBytes = 1 << 20;

    private readonly byte[] _header;
    private readonly IReadOnlyList<SafetensorsTensor> _tensors;
    private readonly long[] _begins;
    private long _position;

    public SafetensorsStream(byte[] header, IReadOnlyList<SafetensorsTensor> tensors)
    {
        _header = header;
        _tensors = tensors;
        _begins = new long[tensors.Count];
        Length = header.Length;
        for (var i = 0; i < tensors.Count; i++)
        {
            _begins[i] = Length;
            Length += tensors[i].Bytes;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var piece = Peek(buffer.Length - total);
            if (piece.IsEmpty)
            {
                break;
            }

            piece.Span.CopyTo(buffer[total..]);
            total += piece.Length;
            _position += piece.Length;
        }

        return total;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => cancellationToken.IsCancellationRequested
        ? ValueTask.FromCanceled<int>(cancellationToken)
        : new ValueTask<int>(Read(buffer.Span));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void CopyTo(Stream destination, int bufferSize)
    {
        ValidateCopyToArguments(destination, bufferSize);
        while (Peek(ChunkBytes) is { IsEmpty: false } piece)
        {
            destination.Write(piece.Span);
            _position += piece.Length;
        }
    }

    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        while (Peek(ChunkBytes) is { IsEmpty: false } piece)
        {
            await destination.WriteAsync(piece, cancellationToken);
            _position += piece.Length;
        }
    }

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "Unknown origin."),
        };
        return target >= 0 ? _position = target : throw new IOException($"Cannot seek to {target}, before the beginning of the file.");
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("The stream is read-only.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is read-only.");

    /// <summary>The bytes at the current position, up to the end of the header or tensor it is in; empty at the end of the file.</summary>
    private ReadOnlyMemory<byte> Peek(int count)
    {
        if (_position >= Length)
        {
            return default;
        }

        if (_position < _header.Length)
        {
            return _header.AsMemory((int)_position, (int)Math.Min(count, _header.Length - _position));
        }

        // The last tensor that begins at or before the position; empty tensors begin where the next one does and are passed over.
        var index = Array.BinarySearch(_begins, _position);
        index = index < 0 ? ~index - 1 : index;
        while (_begins[index] + _tensors[index].Bytes <= _position)
        {
            index++;
        }

        return _tensors[index].Slice(_position - _begins[index], count);
    }
}
