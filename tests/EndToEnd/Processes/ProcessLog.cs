using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Serverless.EndToEnd.Processes;

/// <summary>What all processes of a test said and what was done to them, in the order in which it happened. Printed when the test fails.</summary>
internal sealed class ProcessLog
{
    private const int LinesOfEach = 40;
    private const int Kept = 1000;

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _lines = new();

    /// <summary>Notes a line.</summary>
    /// <param name="source">Who said it.</param>
    /// <param name="line">What.</param>
    public void Write(string source, string line)
    {
        var lines = _lines.GetOrAdd(source, _ => new ConcurrentQueue<string>());
        lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{_clock.Elapsed.TotalSeconds,8:0.000} {line}"));
        if (lines.Count > Kept)
        {
            lines.TryDequeue(out _);
        }
    }

    /// <summary>What was kept of one source.</summary>
    public string Of(string source) => string.Join(Environment.NewLine, _lines.TryGetValue(source, out var lines) ? lines : []);

    /// <summary>The last lines of every source; all that were kept of the sources named first.</summary>
    /// <param name="whole">Sources whose every line matters, such as what a test did.</param>
    public string Tail(params string[] whole) => string.Join(
        Environment.NewLine,
        _lines.OrderByDescending(source => whole.Contains(source.Key)).ThenBy(source => source.Key, StringComparer.Ordinal).SelectMany(source =>
            source.Value.TakeLast(whole.Contains(source.Key) ? Kept : LinesOfEach).Prepend($"--- {source.Key}")));
}
