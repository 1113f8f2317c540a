namespace Serverless.Core.Datasets;

/// <summary>A part in the cache or on its way there.</summary>
/// <param name="index">Number of the part.</param>
/// <param name="buffer">At least as long as the part.</param>
/// <param name="bytes">Size of the part.</param>
internal sealed class CachedPart(int index, byte[] buffer, int bytes)
{
    public int Index => index;

    public byte[] Buffer => buffer;

    public int Bytes => bytes;

    /// <summary>Holders of the part; while there are any, or it is still being fetched, it stays.</summary>
    public int Leases { get; set; }

    /// <summary>Ends when the part is there and verified.</summary>
    public Task Loading { get; set; } = Task.CompletedTask;
}
