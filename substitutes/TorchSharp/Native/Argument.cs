namespace TorchSharp.PInvoke;

/// <summary>
/// An argument of an <see cref="Operator"/>: its native form and, for a tensor, the object that must stay alive until the call has returned
/// (else a finalizer could free the native tensor between reading the handle and using it).
/// </summary>
internal readonly struct Argument
{
    public readonly object? Owner;
    public readonly NativeValue Value;

    private Argument(NativeValueKind kind, long data, int count = 0, object? owner = null)
    {
        Value = new NativeValue(kind, count, data);
        Owner = owner;
    }

    /// <summary>Whatever the operator's schema gives when the argument is left out.</summary>
    public static Argument Default => new(NativeValueKind.Default, 0);

    /// <summary>No value, for an optional argument.</summary>
    public static Argument None => default;

    public static implicit operator Argument(torch.Tensor? tensor) =>
        tensor is null ? default : new Argument(NativeValueKind.Tensor, tensor.Handle, owner: tensor);

    public static implicit operator Argument(long value) => new(NativeValueKind.Int, value);

    public static implicit operator Argument(int value) => new(NativeValueKind.Int, value);

    public static implicit operator Argument(long? value) => value is { } present ? new Argument(NativeValueKind.Int, present) : default;

    public static implicit operator Argument(double value) => new(NativeValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(double? value) => value is { } present ? present : default(Argument);

    public static implicit operator Argument(bool value) => new(NativeValueKind.Bool, value ? 1 : 0);

    public static implicit operator Argument(torch.ScalarType type) => new(NativeValueKind.Int, (long)type);

    public static implicit operator Argument(torch.ScalarType? type) => type is { } present ? new Argument(NativeValueKind.Int, (long)present) : default;

    public static implicit operator Argument(torch.Device? device) =>
        device is null ? default : new Argument(NativeValueKind.Device, Pack(device.type, device.index));

    public static implicit operator Argument(torch.Generator? generator) =>
        generator is null ? default : new Argument(NativeValueKind.Generator, generator.Handle, owner: generator);

    public static implicit operator Argument(Scalar? scalar) => scalar is null ? default : scalar.ToArgument();

    /// <summary>A list of integers that the caller keeps in place until the call has returned.</summary>
    public static unsafe Argument Ints(long* values, int count) => new(NativeValueKind.Ints, (long)values, count);

    /// <summary>A list of tensor handles that the caller keeps in place, and whose tensors it keeps alive, until the call has returned.</summary>
    public static unsafe Argument Tensors(nint* handles, int count, object owners) => new(NativeValueKind.Tensors, (long)handles, count, owners);

    /// <summary>As <see cref="Tensors"/>, where zero stands for no tensor.</summary>
    public static unsafe Argument OptionalTensors(nint* handles, int count, object owners) =>
        new(NativeValueKind.OptionalTensors, (long)handles, count, owners);

    public static unsafe Argument Text(byte* utf8, int length) => new(NativeValueKind.Text, (long)utf8, length);

    /// <summary><paramref name="count"/> zero-terminated strings, one after the other.</summary>
    public static unsafe Argument Texts(byte* utf8, int count) => new(NativeValueKind.Texts, (long)utf8, count);

    /// <summary>A number that the operator takes as <c>Scalar</c>: real and imaginary part.</summary>
    public static unsafe Argument Complex(double* parts, object owner) => new(NativeValueKind.Complex, (long)parts, 2, owner);

    internal static Argument Number(NativeValueKind kind, long data) => new(kind, data);

    internal static long Pack(DeviceType type, int index) => ((long)type << 32) | (uint)index;
}
