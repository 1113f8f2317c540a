using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Serverless.Inference.Protocol;

/// <summary>
/// A JSON writer and its memory, one a thread, reused by every response that the thread builds. What is written must have been copied away before the thread
/// awaits anything.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "It lives as long as its thread.")]
internal sealed class JsonScratch
{
    private const int MaxKept = 1 << 20;

    [ThreadStatic]
    private static JsonScratch? _ofThread;

    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer;

    private JsonScratch()
    {
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>The writer; call <see cref="Written"/> when done.</summary>
    public Utf8JsonWriter Writer => _writer;

    /// <summary>This thread's scratch, emptied.</summary>
    public static JsonScratch Take()
    {
        var scratch = _ofThread ??= new JsonScratch();
        if (scratch._buffer.Capacity > MaxKept)
        {
            scratch = _ofThread = new JsonScratch();
        }

        scratch._buffer.ResetWrittenCount();
        scratch._writer.Reset();
        return scratch;
    }

    /// <summary>What the writer has written so far.</summary>
    public ReadOnlySpan<byte> Written()
    {
        _writer.Flush();
        return _buffer.WrittenSpan;
    }
}
