using TorchSharp.PInvoke;

namespace TorchSharp;

public static partial class torch
{
    private static readonly Operator ArangeOp = new("arange", "start_step");
    private static readonly Operator LinspaceOp = new("linspace");
    private static readonly Operator EyeOp = new("eye", "m");
    private static readonly Operator RandpermOp = new("randperm", "generator");
    private static readonly Operator RandintOp = new("randint", "low_generator");

    /// <summary>Int64 when all three numbers are integers, else the default type, unless stated otherwise.</summary>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var integral = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        var type = dtype ?? (integral ? ScalarType.Int64 : DefaultType);
        return Unnamed(ArangeOp.Call(start, stop, step, type, Argument.None, InitializeDevice(device)), requires_grad, null);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary><paramref name="steps"/> numbers, evenly spaced, both ends included.</summary>
    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Unnamed(LinspaceOp.Call(start, end, steps, dtype ?? DefaultType, Argument.None, InitializeDevice(device)), requires_grad, null);

    public static Tensor eye(
        long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null)
    {
        var width = columns == -1 ? rows : columns;
        return Unnamed(EyeOp.Call(rows, width, dtype ?? DefaultType, Argument.None, InitializeDevice(device)), requires_grad, names);
    }

    /// <summary>The numbers 0 to <paramref name="n"/> - 1 in random order.</summary>
    public static Tensor randperm(
        long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Unnamed(RandpermOp.Call(n, generator, dtype ?? ScalarType.Int64, Argument.None, InitializeDevice(device)), requires_grad, null);

    public static Tensor randint(
        long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) => randint(0, high, size, dtype, device, requires_grad, generator, names);

    /// <summary>Integers from <paramref name="low"/> to <paramref name="high"/> - 1.</summary>
    public static unsafe Tensor randint(
        long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null)
    {
        fixed (long* sizes = size)
        {
            var tensor = RandintOp.Call(
                low, high, Argument.Ints(sizes, size.Length), generator, dtype ?? ScalarType.Int64, Argument.None, InitializeDevice(device));
            return Unnamed(tensor, requires_grad, names);
        }
    }
}
