namespace Serverless.ControlPlane.Jobs;

/// <summary>A trainer at work on a job.</summary>
/// <param name="Trainer">The trainer's id.</param>
/// <param name="Shards">The shards it owns.</param>
/// <param name="Round">The latest round it says it works on.</param>
/// <param name="Alive">Whether it has renewed its ownership in time.</param>
public sealed record TrainerActivity(string Trainer, IReadOnlyList<int> Shards, int Round, bool Alive);
