using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Serverless.Core.Storage;

namespace Serverless.Core.Rounds;

/// <summary>
/// The metrics of jobs: JSON lines in append blobs. A line is written at least once; after a retry or a race it may stand there twice, and reading gives it once.
/// </summary>
public sealed class MetricsLog(ServerlessStorage storage)
{
    // A block is one append, of which a blob takes 50,000: enough for five reducers that all append every round.
    private const int RoundsPerSegment = 10_000;

    // The most bytes that one append takes.
    private const int LargestAppend = 4 << 20;

    // Repeated lines are not far from the first ones.
    private const int LinesRemembered = 100_000;

    private readonly BlobContainerClient _container = storage.Jobs;

    /// <summary>Appends lines of one round or several.</summary>
    public async Task AppendAsync(string job, IEnumerable<MetricsLine> lines, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(lines);
        foreach (var segment in lines.GroupBy(line => line.Round / RoundsPerSegment))
        {
            await AppendAsync(_container.GetAppendBlobClient(JobBlobs.Metrics(job, segment.Key)), segment, cancellation);
        }
    }

    /// <summary>Appends how a checkpoint did on the test split.</summary>
    public Task AppendEvaluationAsync(string job, int checkpoint, EvaluationSummary evaluation, DateTimeOffset at, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var line = new MetricsLine { Round = checkpoint, Samples = evaluation.Rows, Loss = evaluation.MeanLoss, Accuracy = evaluation.Accuracy, At = at };
        return AppendAsync(job, [line], cancellation);
    }

    /// <summary>Reads a job's metrics, in the order in which they were first written, without repetitions.</summary>
    /// <param name="job">The job.</param>
    /// <param name="afterRound">Only lines of later rounds; -1 for all.</param>
    /// <param name="cancellation">Stops reading.</param>
    public async IAsyncEnumerable<MetricsLine> ReadAsync(string job, int afterRound = -1, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var seen = new HashSet<(int Round, int Shard)>();
        HashSet<(int Round, int Shard)> seenBefore = [];
        for (var segment = Math.Max(0, afterRound) / RoundsPerSegment; segment <= JobBlobs.MaximumRound / RoundsPerSegment; segment++)
        {
            using var stream = await OpenAsync(JobBlobs.Metrics(job, segment), cancellation);
            if (stream is null)
            {
                yield break;
            }

            using var reader = new StreamReader(stream.Content);
            while (await reader.ReadLineAsync(cancellation) is { } text)
            {
                if (TryParse(text) is { } line && line.Round > afterRound
                    && !seenBefore.Contains((line.Round, line.Shard ?? -1)) && seen.Add((line.Round, line.Shard ?? -1)))
                {
                    yield return line;
                }

                if (seen.Count > LinesRemembered)
                {
                    (seenBefore, seen) = (seen, []);
                }
            }
        }
    }

    private static MetricsLine? TryParse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, MetricsJson.Default.MetricsLine);
        }
        catch (JsonException)
        {
            // Nothing of ours; a line that is not readable is no reason to hide the others.
            return null;
        }
    }

    private static async Task AppendAsync(AppendBlobClient blob, IEnumerable<MetricsLine> lines, CancellationToken cancellation)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer);
        foreach (var line in lines)
        {
            var before = buffer.WrittenCount;
            JsonSerializer.Serialize(json, line, MetricsJson.Default.MetricsLine);
            json.Reset();
            buffer.Write("\n"u8);
            if (buffer.WrittenCount > LargestAppend)
            {
                var longest = buffer.WrittenMemory.ToArray();
                await AppendAsync(blob, longest.AsMemory(0, before), cancellation);
                buffer.ResetWrittenCount();
                buffer.Write(longest.AsSpan(before));
            }
        }

        if (buffer.WrittenCount > 0)
        {
            await AppendAsync(blob, buffer.WrittenMemory, cancellation);
        }
    }

    private static async Task AppendAsync(AppendBlobClient blob, ReadOnlyMemory<byte> lines, CancellationToken cancellation)
    {
        while (true)
        {
            using var content = BinaryData.FromBytes(lines).ToStream();
            try
            {
                await blob.AppendBlockAsync(content, cancellationToken: cancellation);
                return;
            }
            catch (RequestFailedException e) when (e.IsAbsent())
            {
                await blob.CreateIfNotExistsAsync(cancellationToken: cancellation);
            }
        }
    }

    private async Task<BlobDownloadStreamingResult?> OpenAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await _container.GetBlobClient(path).DownloadStreamingAsync(cancellationToken: cancellation);
        }
        catch (RequestFailedException e) when (e.IsAbsent())
        {
            return null;
        }
    }
}
