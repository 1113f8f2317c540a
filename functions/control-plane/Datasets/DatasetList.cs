namespace Serverless.ControlPlane.Datasets;

/// <summary>All datasets.</summary>
/// <param name="Datasets">In the order of their names.</param>
public sealed record DatasetList(IReadOnlyList<DatasetSummary> Datasets);
