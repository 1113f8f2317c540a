using Serverless.Core.Storage;

namespace Serverless.Benchmarks.Training;

/// <summary>What a round costs in one kind of blob, all trainers together.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Reads">GET and HEAD requests.</param>
/// <param name="Writes">PUT, POST and DELETE requests.</param>
/// <param name="BytesRead">Bytes received.</param>
/// <param name="BytesWritten">Bytes sent.</param>
internal sealed record RoundTrafficRow(TrafficKind Kind, double Reads, double Writes, long BytesRead, long BytesWritten);
