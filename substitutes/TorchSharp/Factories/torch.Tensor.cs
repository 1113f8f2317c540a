using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor over the array's own memory, which stays pinned while the tensor or a view of it lives; with another type or device, a converted copy.
    /// </summary>
    public static Tensor from_array(Array rawArray, Device? device = null) =>
        from_array(rawArray, ToScalarType(rawArray.GetType().GetElementType()!), device ?? CPU);

    public static Tensor from_array(
        Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var shape = new long[rawArray.Rank];
        for (var i = 0; i < shape.Length; i++)
        {
            shape[i] = rawArray.GetLongLength(i);
        }

        var elementType = ToScalarType(rawArray.GetType().GetElementType()!);
        return FromArray(rawArray, shape, elementType, dtype, device, requires_grad, copy: false, names);
    }

    public static Tensor as_tensor(Array data, ScalarType? dtype = null, Device? device = null) => from_array(data, dtype, device);

    /// <summary>
    /// A vector over part of the array's own memory, which stays pinned while the tensor or a view of it lives; with another type, a converted copy.
    /// </summary>
    /// <param name="count">Elements of the array; -1 for all after the offset.</param>
    /// <param name="offset">In elements of the array.</param>
    /// <exception cref="ArgumentException">The offset lies outside the array.</exception>
    /// <exception cref="IndexOutOfRangeException">The array has fewer elements than that.</exception>
    public static Tensor frombuffer(Array rawArray, ScalarType dtype, long count = -1, long offset = 0, bool requires_grad = false)
    {
        var length = rawArray.LongLength;
        if (offset < 0 || offset >= length)
        {
            throw new ArgumentException($"invalid value for 'offset': {offset}");
        }

        count = count < 0 ? length - offset : count;
        if (count > length - offset)
        {
            throw new IndexOutOfRangeException($"element count is too large: {count}");
        }

        var type = ToScalarType(rawArray.GetType().GetElementType()!);
        var tensor = PinnedMemory.Share(rawArray, offset, [count], type);
        return Converted(tensor, type, dtype, CPU, requires_grad);
    }

    private static Tensor FromArray(
        Array array, ReadOnlySpan<long> shape, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad, bool copy, string[]? names)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            count *= size;
        }

        if (count > array.LongLength)
        {
            throw new ArgumentException($"mismatched total size creating a tensor from an array: {count} vs. {array.LongLength}");
        }

        device = InitializeDevice(device);
        var tensor = PinnedMemory.Share(copy ? (Array)array.Clone() : array, 0, shape, type);
        return Unnamed(Converted(tensor, type, dtype ?? type, device, requires_grad), false, names);
    }

    private static unsafe Tensor FromScalar<T>(T value, ScalarType type, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        device = InitializeDevice(device);
        var tensor = Create(EmptyOp, [], type, CPU, false, null);
        *(T*)tensor.DataPointer() = value;
        return Converted(tensor, type, dtype ?? type, device, requires_grad);
    }

    private static Tensor Converted(Tensor tensor, ScalarType type, ScalarType wanted, Device device, bool requires_grad)
    {
        if (wanted != type || device.type != DeviceType.CPU)
        {
            tensor = tensor.to(wanted, device, disposeAfter: true);
        }

        return requires_grad ? tensor.requires_grad_() : tensor;
    }
}
