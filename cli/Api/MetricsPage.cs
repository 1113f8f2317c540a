using Serverless.Core.Rounds;

namespace Serverless.Cli.Api;

/// <summary>Some of a job's metrics.</summary>
/// <param name="Lines">In the order in which they were written.</param>
internal sealed record MetricsPage(IReadOnlyList<MetricsLine> Lines);
