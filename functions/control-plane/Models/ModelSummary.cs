namespace Serverless.ControlPlane.Models;

/// <summary>A published model as a list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its newest version.</param>
/// <param name="Versions">All its versions, newest first.</param>
/// <param name="Created">When the newest one was published.</param>
/// <param name="Job">The job that trained the newest one.</param>
/// <param name="Accuracy">The newest one's share of test rows classified right, 0 to 1.</param>
/// <param name="Loss">The newest one's mean loss on the test rows.</param>
/// <param name="ParametersSha256">Hash of the newest one's parameters.</param>
public sealed record ModelSummary(
    string Name, int Version, IReadOnlyList<int> Versions, DateTimeOffset Created, string? Job, double? Accuracy, double? Loss, string? ParametersSha256);
