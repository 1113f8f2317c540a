using System.Collections;

namespace TorchSharp.Utils;

/// <summary>
/// The elements of a CPU tensor, in the order of its dimensions whatever its strides, read and written in place. Keeps the tensor object alive, but
/// not undisposed.
/// </summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private torch.Tensor? _tensor;
    private T* _data;

    internal TensorAccessor(torch.Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
        {
            throw new InvalidOperationException(
                "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }

        _data = (T*)tensor.DataPointer();
        _tensor = tensor;
    }

    public long Count => _tensor?.numel() ?? 0;

    public bool IsReadOnly => false;

    private torch.Tensor Source => _tensor ?? throw new ObjectDisposedException(GetType().FullName);

    /// <param name="indices">One linear index, or one index for each dimension.</param>
    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left.Count == right.Count && left.SequenceEqual(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    public T[] ToArray()
    {
        var elements = new T[Count];
        if (elements.Length > 0)
        {
            CopyTo(elements.AsSpan());
        }

        return elements;
    }

    /// <summary>The elements as an array with the tensor's dimensions; a tensor without dimensions gives an array of one.</summary>
    public Array ToNDArray()
    {
        var shape = Source.shape;
        var array = Array.CreateInstance(typeof(T), shape.Length == 0 ? [1] : shape);
        if (array.LongLength > 0)
        {
            var elements = ToArray();
            Buffer.BlockCopy(elements, 0, array, 0, Buffer.ByteLength(elements));
        }

        return array;
    }

    /// <summary>Copies elements from <paramref name="tensorIndex"/> on until either side ends.</summary>
    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[arrayIndex..];
        var count = CountFrom(tensorIndex, target.Length);
        if (Source.is_contiguous())
        {
            new ReadOnlySpan<T>(_data + tensorIndex, count).CopyTo(target);
            return;
        }

        var offsets = new StridedOffsets(Source, tensorIndex);
        for (var i = 0; i < count; i++)
        {
            target[i] = _data[offsets.Next()];
        }
    }

    /// <summary>Overwrites elements from <paramref name="tensorIndex"/> on until either side ends.</summary>
    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[arrayIndex..];
        var count = CountFrom(tensorIndex, source.Length);
        if (Source.is_contiguous())
        {
            source[..count].CopyTo(new Span<T>(_data + tensorIndex, count));
            return;
        }

        var offsets = new StridedOffsets(Source, tensorIndex);
        for (var i = 0; i < count; i++)
        {
            _data[offsets.Next()] = source[i];
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        var count = Count;
        if (count == 0)
        {
            yield break;
        }

        var offsets = new StridedOffsets(Source, 0);
        for (var i = 0L; i < count; i++)
        {
            yield return At(offsets.Next());
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && (_data == other._data || this == other);

    public override int GetHashCode() => base.GetHashCode();

    public void Dispose()
    {
        _data = null;
        _tensor = null;
    }

    internal static T ReadItemAt(torch.Tensor tensor, long index)
    {
        tensor.ValidateType(typeof(T));
        using var accessor = new TensorAccessor<T>(tensor);
        if (index < 0 || index >= accessor.Count)
        {
            throw new ArgumentOutOfRangeException($"{index} in a collection of  ${accessor.Count} elements.");
        }

        return accessor[index];
    }

    private T At(long offset) => _data[offset];

    private int CountFrom(long tensorIndex, int limit)
    {
        var count = Count;
        if (tensorIndex < 0 || tensorIndex >= count)
        {
            throw new ArgumentOutOfRangeException(nameof(tensorIndex));
        }

        return (int)Math.Min(count - tensorIndex, limit);
    }

    private long Offset(long[] indices)
    {
        var tensor = Source;
        if (indices.Length == 1)
        {
            var index = indices[0];
            if (index >= Count)
            {
                throw new IndexOutOfRangeException();
            }

            ArgumentOutOfRangeException.ThrowIfNegative(index, nameof(indices));
            return tensor.is_contiguous() ? index : new StridedOffsets(tensor, index).Next();
        }

        var shape = tensor.shape;
        var strides = tensor.stride();
        var offset = 0L;
        for (var i = 0; i < shape.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= shape[i])
            {
                throw new IndexOutOfRangeException($"{indices[i]} >= {shape[i]} in dimension {i}.");
            }

            offset += indices[i] * strides[i];
        }

        return offset;
    }
}
