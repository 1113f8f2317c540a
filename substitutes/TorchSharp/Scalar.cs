using TorchSharp.PInvoke;

namespace TorchSharp;

/// <summary>A number whose type is known at run time, as operators take it: an integer, a real number or a truth value.</summary>
public sealed class Scalar : IDisposable
{
    private readonly NativeValueKind _kind;
    private readonly long _data;
    private bool _disposed;

    private Scalar(NativeValueKind kind, long data)
    {
        _kind = kind;
        _data = data;
    }

    /// <summary>The type libtorch computes with: Int64, Float64 or Bool.</summary>
    public torch.ScalarType Type => Checked() switch
    {
        NativeValueKind.Int => torch.ScalarType.Int64,
        NativeValueKind.Double => torch.ScalarType.Float64,
        _ => torch.ScalarType.Bool,
    };

    public static implicit operator Scalar(byte value) => Of((long)value);

    public static implicit operator Scalar(sbyte value) => Of((long)value);

    public static implicit operator Scalar(short value) => Of((long)value);

    public static implicit operator Scalar(int value) => Of((long)value);

    public static implicit operator Scalar(long value) => Of(value);

    public static implicit operator Scalar(Half value) => Of((double)value);

    public static implicit operator Scalar(float value) => Of((double)value);

    public static implicit operator Scalar(double value) => Of(value);

    public static implicit operator Scalar(bool value) => new(NativeValueKind.Bool, value ? 1 : 0);

    /// <summary>Nothing native is held; but, as with the official package, a disposed scalar cannot be used any more.</summary>
    public void Dispose() => _disposed = true;

    internal static Scalar FromNative(NativeValue value) => new(value.Kind, value.Data);

    internal Argument ToArgument() => Argument.Number(Checked(), _data);

    internal double AsDouble() => Checked() == NativeValueKind.Double ? BitConverter.Int64BitsToDouble(_data) : _data;

    internal long AsInt64() => Checked() == NativeValueKind.Double ? checked((long)BitConverter.Int64BitsToDouble(_data)) : _data;

    internal bool AsBoolean() => Checked() == NativeValueKind.Double ? BitConverter.Int64BitsToDouble(_data) != 0 : _data != 0;

    private static Scalar Of(long value) => new(NativeValueKind.Int, value);

    private static Scalar Of(double value) => new(NativeValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    private NativeValueKind Checked() => _disposed ? throw new InvalidOperationException("Scalar invalid -- empty handle.") : _kind;
}
