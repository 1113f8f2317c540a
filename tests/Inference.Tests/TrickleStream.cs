namespace Serverless.Inference.Tests;

/// <summary>A stream that gives three bytes at a time.</summary>
internal sealed class TrickleStream(byte[] bytes) : MemoryStream(bytes)
{
    private const int Piece = 3;

    public override bool CanSeek => false;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, Piece)], cancellationToken);

    public override Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken) => PiecesAsync(destination, cancellationToken);

    private async Task PiecesAsync(Stream destination, CancellationToken cancellationToken)
    {
        var piece = new byte[Piece];
        while (await ReadAsync(piece.AsMemory(), cancellationToken) is > 0 and var read)
        {
            await destination.WriteAsync(piece.AsMemory(0, read), cancellationToken);
            await destination.FlushAsync(cancellationToken);
        }
    }
}
