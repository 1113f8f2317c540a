using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Operator ZerosOp = new("zeros");
    private static readonly Operator OnesOp = new("ones");
    private static readonly Operator EmptyOp = new("empty", "memory_format");
    private static readonly Operator FullOp = new("full");
    private static readonly Operator RandOp = new("rand", "generator");
    private static readonly Operator RandnOp = new("randn", "generator");

    // Dimension names are an experiment of libtorch's that nothing here needs.
    private static Tensor Unnamed(Tensor tensor, bool requires_grad, string[]? names)
    {
        if (names is { Length: > 0 })
        {
            throw new NotSupportedException("Named dimensions are not supported.");
        }

        return requires_grad ? tensor.requires_grad_() : tensor;
    }

    private static unsafe Tensor Create(Operator op, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        fixed (long* sizes = size)
        {
            var tensor = op.Call(Argument.Ints(sizes, size.Length), dtype ?? DefaultType, Argument.None, InitializeDevice(device));
            return Unnamed(tensor, requires_grad, names);
        }
    }

    private static unsafe Tensor CreateRandom(
        Operator op, ReadOnlySpan<long> size, ScalarType? dtype, Device? device, bool requires_grad, Generator? generator, string[]? names)
    {
        fixed (long* sizes = size)
        {
            var tensor = op.Call(Argument.Ints(sizes, size.Length), generator, dtype ?? DefaultType, Argument.None, InitializeDevice(device));
            return Unnamed(tensor, requires_grad, names);
        }
    }

    private static unsafe Tensor CreateFull(
        ReadOnlySpan<long> size, Scalar value, ScalarType? dtype, Device? device, bool requires_grad, string[]? names)
    {
        fixed (long* sizes = size)
        {
            var tensor = FullOp.Call(Argument.Ints(sizes, size.Length), value, dtype ?? value.Type, Argument.None, InitializeDevice(device));
            return Unnamed(tensor, requires_grad, names);
        }
    }
}
