namespace Serverless.Core.Networks;

/// <summary>Arithmetic and wording of tensor shapes. A shape never includes the batch dimension.</summary>
public static class Shapes
{
    /// <summary>How many elements a tensor of this shape has; stays at <see cref="long.MaxValue"/> where the product would not fit.</summary>
    public static long Elements(ReadOnlySpan<int> shape)
    {
        Int128 product = 1;
        foreach (int size in shape)
        {
            product = Int128.Min(product * size, long.MaxValue);
        }

        return (long)product;
    }

    /// <summary>A shape as users write it: <c>[3, 32, 32]</c>.</summary>
    public static string Format(ReadOnlySpan<int> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
