namespace Serverless.Cli.Watching;

/// <summary>A trainer at work.</summary>
/// <param name="Trainer">Its id.</param>
/// <param name="Shards">The shards it owns.</param>
/// <param name="Round">The round it is in.</param>
/// <param name="ImagesPerSecond">Its speed lately, once known.</param>
/// <param name="IsAlive">Whether it has been heard of lately.</param>
internal sealed record TrainerLine(string Trainer, IReadOnlyList<int> Shards, int Round, double? ImagesPerSecond, bool IsAlive);
