namespace Serverless.Core.Tensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Dimensions; empty for a scalar, a zero makes the tensor empty.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past the last byte, counted from the end of the header.</param>
public sealed record SafetensorsEntry(string Name, TensorType Type, long[] Shape, long Begin, long End)
{
    /// <summary>Size of the data in bytes.</summary>
    public long Bytes => End - Begin;

    /// <summary>Number of elements: the product of <see cref="Shape"/>.</summary>
    public long Elements => Bytes * 8 / Type.Bits();
}
