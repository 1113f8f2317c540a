using System.Globalization;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Tensors;

namespace Serverless.Core.Rounds;

/// <summary>
/// Numbers beside tensors. They stand in the file itself, where they are part of the content, and once more in the blob's metadata, so that one listing tells them
/// for all shards. What differs from run to run (who, how long) stands in the blob's metadata only.
/// </summary>
internal static class BlobMetadata
{
    private const string Samples = "samples";
    private const string LossSum = "losssum";
    private const string Steps = "steps";
    private const string Rows = "rows";
    private const string Correct = "correct";
    private const string FirstRow = "firstrow";
    private const string Trainer = "trainer";
    private const string ComputeSeconds = "computeseconds";
    private const string WaitSeconds = "waitseconds";
    private const string At = "at";

    public static Dictionary<string, string> OfContribution(Contribution contribution) => new()
    {
        [Samples] = Text(contribution.Samples),
        [LossSum] = Text(contribution.LossSum),
        [Steps] = Text(contribution.Steps),
    };

    public static Dictionary<string, string> OfEvaluation(ShardEvaluation evaluation)
    {
        var metadata = new Dictionary<string, string>
        {
            [Rows] = Text(evaluation.Rows),
            [LossSum] = Text(evaluation.LossSum),
            [FirstRow] = Text(evaluation.FirstOutputRow),
        };
        if (evaluation.Correct is { } correct)
        {
            metadata[Correct] = Text(correct);
        }

        return metadata;
    }

    public static Dictionary<string, string> WithFacts(Dictionary<string, string> metadata, BlobFacts facts)
    {
        metadata[Trainer] = facts.Trainer;
        metadata[ComputeSeconds] = Text(facts.Compute.TotalSeconds);
        metadata[WaitSeconds] = Text(facts.Wait.TotalSeconds);
        if (facts.At is { } at)
        {
            metadata[At] = at.ToString("O", CultureInfo.InvariantCulture);
        }

        return metadata;
    }

    public static ContributionEntry ReadContribution(BlobItem blob, int shard)
    {
        var facts = FactsOf(blob.Metadata);
        return new(shard, Number(blob, Samples), Real(blob, LossSum), (int)Number(blob, Steps), facts, facts.At ?? blob.Properties.LastModified ?? default);
    }

    public static void ReadContribution(SafetensorsHeader header, Contribution into)
    {
        into.Samples = Number(header, Samples);
        into.LossSum = Real(header, LossSum);
        into.Steps = (int)Number(header, Steps);
    }

    public static EvaluationSummary AddEvaluation(EvaluationSummary sum, BlobItem blob, int shard) => new(
        [.. sum.Shards, shard],
        sum.Rows + Number(blob, Rows),
        blob.Metadata.ContainsKey(Correct) ? (sum.Correct ?? 0) + Number(blob, Correct) : sum.Correct,
        sum.LossSum + Real(blob, LossSum));

    public static ShardEvaluation ReadEvaluation(SafetensorsHeader header) => new()
    {
        Rows = Number(header, Rows),
        LossSum = Real(header, LossSum),
        Correct = header.Metadata.ContainsKey(Correct) ? Number(header, Correct) : null,
        FirstOutputRow = Number(header, FirstRow),
    };

    public static long Number(SafetensorsHeader header, string key) => ParseNumber(header.GetMetadata(key), key, "the file");

    private static long Number(BlobItem blob, string key) => ParseNumber(Required(blob, key), key, $"the blob '{blob.Name}'");

    private static double Real(SafetensorsHeader header, string key) => ParseReal(header.GetMetadata(key), key, "the file");

    private static double Real(BlobItem blob, string key) => ParseReal(Required(blob, key), key, $"the blob '{blob.Name}'");

    public static BlobFacts FactsOf(IDictionary<string, string> metadata) => new(
        metadata.TryGetValue(Trainer, out var trainer) ? trainer : "",
        Seconds(metadata, ComputeSeconds),
        Seconds(metadata, WaitSeconds),
        metadata.TryGetValue(At, out var at) && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? time : null);

    private static TimeSpan Seconds(IDictionary<string, string> metadata, string key) =>
        metadata.TryGetValue(key, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 1e8
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.Zero;

    private static string Required(BlobItem blob, string key) =>
        blob.Metadata.TryGetValue(key, out var value) ? value : throw new InvalidDataException($"The blob '{blob.Name}' has no metadata '{key}'.");

    private static long ParseNumber(string text, string key, string where) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"The metadata '{key}' of {where} is '{text}'; a whole number of at least 0 is needed.");

    private static double ParseReal(string text, string key, string where) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException($"The metadata '{key}' of {where} is '{text}'; a number is needed.");

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);
}
