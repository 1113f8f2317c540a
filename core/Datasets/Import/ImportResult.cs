namespace Serverless.Core.Datasets.Import;

/// <summary>What came of an import.</summary>
/// <param name="Outcome">What it did to the dataset of its name.</param>
/// <param name="Train">Manifest of the train split.</param>
/// <param name="Test">Manifest of the test split, where there is one.</param>
/// <param name="Baseline">Statistics of the train split.</param>
public sealed record ImportResult(ImportOutcome Outcome, DatasetManifest Train, DatasetManifest? Test, BaselineStatistics Baseline);
