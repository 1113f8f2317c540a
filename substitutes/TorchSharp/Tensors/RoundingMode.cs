namespace TorchSharp;

public static partial class torch
{
    /// <summary>What division does to the quotient: nothing, cut off towards zero, or round down.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }
}
