using System.Buffers;
using System.Buffers.Binary;

namespace Serverless.Core.Tensors;

/// <summary>
/// Reads a safetensors file from a stream that need not be seekable, in one pass and straight into the caller's memory: what is held besides is the header.
/// Tensors are read in the order of their data; those not asked for are passed over.
/// </summary>
public sealed class SafetensorsReader
{
    // A header is read in growing steps, so that a length that lies costs no more memory than the bytes that really come.
    private const int FirstStep = 16 * 1024;

    private readonly Stream _stream;
    private long _position;

    private SafetensorsReader(Stream stream, SafetensorsHeader header) => (_stream, Header) = (stream, header);

    /// <summary>What the file holds.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Reads and checks the header.</summary>
    /// <param name="stream">Positioned at the beginning of the file; stays the caller's to dispose.</param>
    /// <param name="length">Bytes of the whole file where known (a blob's content length); taken from the stream itself if that can seek.</param>
    /// <param name="maxHeaderBytes">Largest header to accept, for callers that know what their own files need.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidDataException">The file is not a valid safetensors file.</exception>
    public static async Task<SafetensorsReader> OpenAsync(
        Stream stream, long? length = null, int maxHeaderBytes = SafetensorsHeader.MaxBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxHeaderBytes, SafetensorsHeader.MaxBytes);
        if (stream.CanSeek)
        {
            length ??= stream.Length - stream.Position;
        }

        var prefix = new byte[SafetensorsHeader.PrefixBytes];
        var read = await stream.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken);
        if (read < prefix.Length)
        {
            throw new InvalidDataException($"The safetensors file has {read} bytes; the shortest has {SafetensorsHeader.PrefixBytes + 2}.");
        }

        var headerBytes = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerBytes > (ulong)maxHeaderBytes)
        {
            throw new InvalidDataException($"The safetensors header claims {headerBytes} bytes; at most {maxHeaderBytes} are allowed.");
        }

        var dataBytes = length - SafetensorsHeader.PrefixBytes - (long)headerBytes;
        if (dataBytes < 0)
        {
            throw new InvalidDataException($"The safetensors header claims {headerBytes} bytes, the whole file has {length}.");
        }

        return new SafetensorsReader(stream, await ReadHeaderAsync(stream, (int)headerBytes, dataBytes, cancellationToken));
    }

    /// <summary>Reads a tensor's bytes.</summary>
    /// <param name="entry">One of <see cref="Header"/>'s, behind those already read.</param>
    /// <param name="destination">Exactly as long as the tensor's data.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidDataException">The file ends within the tensor.</exception>
    /// <exception cref="ArgumentException">The destination has another length than the tensor.</exception>
    public async ValueTask ReadAsync(SafetensorsEntry entry, Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        if (destination.Length != entry.Bytes)
        {
            throw new ArgumentException($"Tensor '{entry.Name}' has {entry.Bytes} bytes, the destination {destination.Length}.", nameof(destination));
        }

        await SkipToAsync(entry, cancellationToken);
        await FillAsync(entry, destination, cancellationToken);
    }

    /// <summary>Reads a float32 tensor.</summary>
    /// <param name="entry">One of <see cref="Header"/>'s, behind those already read.</param>
    /// <param name="destination">Exactly as long as the tensor has elements.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidDataException">The tensor is of another type or another number of elements, or the file ends within it.</exception>
    public async ValueTask ReadAsync(SafetensorsEntry entry, Memory<float> destination, CancellationToken cancellationToken = default)
    {
        Expect(entry, TensorType.Float32, destination.Length);
        await SkipToAsync(entry, cancellationToken);
        while (!destination.IsEmpty)
        {
            var floats = Math.Min(destination.Length, FloatBytes.MaxFloats);
            await FillAsync(entry, FloatBytes.Of(destination[..floats]), cancellationToken);
            destination = destination[floats..];
        }
    }

    /// <summary>Reads a bfloat16 tensor as <see cref="BFloat16"/> packs it.</summary>
    /// <param name="entry">One of <see cref="Header"/>'s, behind those already read.</param>
    /// <param name="packed">Exactly <see cref="BFloat16.Bytes"/> an element of the tensor.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="InvalidDataException">The tensor is of another type or another number of elements, or the file ends within it.</exception>
    public ValueTask ReadBFloat16Async(SafetensorsEntry entry, Memory<byte> packed, CancellationToken cancellationToken = default)
    {
        Expect(entry, TensorType.BFloat16, packed.Length / BFloat16.Bytes);
        return ReadAsync(entry, packed, cancellationToken);
    }

    /// <summary>Passes over what was not read and checks that the file ends where its header says.</summary>
    /// <exception cref="InvalidDataException">It is shorter or longer.</exception>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        await SkipAsync(Header.DataBytes, cancellationToken);
        var one = ArrayPool<byte>.Shared.Rent(1);
        try
        {
            if (await _stream.ReadAsync(one.AsMemory(0, 1), cancellationToken) != 0)
            {
                throw new InvalidDataException($"The safetensors file goes on after the {Header.DataBytes} bytes of tensor data its header describes.");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(one);
        }
    }

    private static void Expect(SafetensorsEntry entry, TensorType type, int elements)
    {
        if (entry.Type != type || entry.Elements != elements)
        {
            throw new InvalidDataException($"Tensor '{entry.Name}' has {entry.Elements} elements of {entry.Type.SafetensorsName()}; expected are "
                + $"{elements} of {type.SafetensorsName()}.");
        }
    }

    private static async Task<SafetensorsHeader> ReadHeaderAsync(Stream stream, int headerBytes, long? dataBytes, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min(headerBytes, FirstStep));
        try
        {
            var filled = 0;
            while (filled < headerBytes)
            {
                if (filled == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(headerBytes, 2L * filled));
                    buffer.AsSpan(0, filled).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }

                var read = await stream.ReadAsync(buffer.AsMemory(filled, Math.Min(buffer.Length, headerBytes) - filled), cancellationToken);
                if (read == 0)
                {
                    throw new InvalidDataException($"The safetensors header claims {headerBytes} bytes, the file ends after {filled} of them.");
                }

                filled += read;
            }

            return SafetensorsHeader.Parse(buffer.AsSpan(0, headerBytes), dataBytes);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ValueTask SkipToAsync(SafetensorsEntry entry, CancellationToken cancellationToken) => entry.Begin >= _position
        ? SkipAsync(entry.Begin, cancellationToken)
        : throw new InvalidOperationException($"Tensor '{entry.Name}' begins at byte {entry.Begin}; the stream is already at {_position}. Read "
            + $"tensors in the order of the header's entries.");

    private async ValueTask SkipAsync(long target, CancellationToken cancellationToken)
    {
        if (target == _position)
        {
            return;
        }

        if (_stream.CanSeek)
        {
            _stream.Seek(target - _position, SeekOrigin.Current);
            _position = target;
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(target - _position, 64 * 1024));
        try
        {
            while (_position < target)
            {
                var count = (int)Math.Min(buffer.Length, target - _position);
                var read = await _stream.ReadAsync(buffer.AsMemory(0, count), cancellationToken);
                if (read == 0)
                {
                    throw new InvalidDataException($"The safetensors file ends after {_position} of {Header.DataBytes} bytes of tensor data.");
                }

                _position += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask FillAsync(SafetensorsEntry entry, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var read = await _stream.ReadAtLeastAsync(destination, destination.Length, throwOnEndOfStream: false, cancellationToken);
        _position += read;
        if (read < destination.Length)
        {
            throw new InvalidDataException($"The safetensors file ends {_position - entry.Begin} bytes into tensor '{entry.Name}', which has {entry.Bytes}.");
        }
    }
}
