namespace Serverless.Core.Datasets.Import;

/// <summary>How far an import is.</summary>
/// <param name="Split">The split being imported.</param>
/// <param name="Stage">What is being done.</param>
/// <param name="Rows">Rows done in this stage.</param>
/// <param name="TotalRows">Rows of the split, once known.</param>
public sealed record ImportProgress(string Split, ImportStage Stage, long Rows, long? TotalRows);
