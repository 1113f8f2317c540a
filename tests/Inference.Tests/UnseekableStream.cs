namespace Serverless.Inference.Tests;

/// <summary>A stream whose length nobody can know beforehand: it is sent in chunks.</summary>
internal sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
{
    public override bool CanSeek => false;
}
