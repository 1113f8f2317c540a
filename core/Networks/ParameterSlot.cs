namespace Serverless.Core.Networks;

/// <summary>One parameter tensor: its place in the flat array of its region.</summary>
/// <param name="Name">PyTorch's name, such as <c>layers.0.weight</c>.</param>
/// <param name="Region">Which flat array.</param>
/// <param name="Shape">The tensor's shape, in PyTorch's order.</param>
/// <param name="Offset">Where it begins in the flat array, in elements.</param>
/// <param name="Length">How many elements it has.</param>
/// <param name="Initial">What it holds before training.</param>
public sealed record ParameterSlot(string Name, ParameterRegion Region, int[] Shape, int Offset, int Length, InitialValues Initial)
{
    /// <summary>The tensor's part of the flat array of its region.</summary>
    public Span<T> Of<T>(Span<T> region) => region.Slice(Offset, Length);

    /// <summary>The tensor's part of the flat array of its region.</summary>
    public ReadOnlySpan<T> Of<T>(ReadOnlySpan<T> region) => region.Slice(Offset, Length);

    /// <summary>The tensor's part of the flat array of its region.</summary>
    public ReadOnlyMemory<T> Of<T>(ReadOnlyMemory<T> region) => region.Slice(Offset, Length);
}
