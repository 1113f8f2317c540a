namespace Serverless.Inference.Statistics;

/// <summary>The statistics of models, as the protocol's statistics extension writes them.</summary>
/// <param name="ModelStats">One entry for each model version.</param>
public sealed record StatisticsAnswer(IReadOnlyList<StatisticsEntry> ModelStats);
