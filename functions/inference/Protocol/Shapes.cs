namespace Serverless.Inference.Protocol;

/// <summary>Arithmetic and text of tensor shapes.</summary>
public static class Shapes
{
    /// <summary>The shape as JSON writes it, such as <c>[-1,28,28]</c>.</summary>
    public static string Describe(ReadOnlySpan<long> shape)
    {
        var text = new System.Text.StringBuilder("[");
        for (var i = 0; i < shape.Length; i++)
        {
            text.Append(i == 0 ? "" : ",").Append(shape[i]);
        }

        return text.Append(']').ToString();
    }

    /// <summary>The number of elements, or -1 where it does not fit in 63 bits. All dimensions must be zero or more.</summary>
    public static long Elements(ReadOnlySpan<long> shape)
    {
        var elements = 1L;
        var overflow = false;
        foreach (var dimension in shape)
        {
            if (dimension == 0)
            {
                return 0;
            }

            overflow |= Math.BigMul(elements, dimension, out elements) != 0 || elements < 0;
        }

        return overflow ? -1 : elements;
    }
}
