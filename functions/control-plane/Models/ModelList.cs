namespace Serverless.ControlPlane.Models;

/// <summary>All published models.</summary>
/// <param name="Models">In the order of their names.</param>
public sealed record ModelList(IReadOnlyList<ModelSummary> Models);
