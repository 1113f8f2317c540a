namespace Serverless.Core.Storage;

/// <summary>Requests of one kind so far. Retries count: they cost as much.</summary>
/// <param name="Kind">What they were about.</param>
/// <param name="Reads">GET and HEAD requests.</param>
/// <param name="Writes">PUT and POST requests.</param>
/// <param name="Deletes">DELETE requests.</param>
/// <param name="BytesRead">Bytes of the answers' bodies, by their Content-Length.</param>
/// <param name="BytesWritten">Bytes of the requests' bodies.</param>
public readonly record struct TrafficCount(TrafficKind Kind, long Reads, long Writes, long Deletes, long BytesRead, long BytesWritten)
{
    /// <summary>All requests.</summary>
    public long Operations => Reads + Writes + Deletes;

    /// <summary>What came on top of an earlier count.</summary>
    public static TrafficCount operator -(TrafficCount later, TrafficCount earlier) => Subtract(later, earlier);

    /// <summary>What came on top of an earlier count.</summary>
    public static TrafficCount Subtract(TrafficCount later, TrafficCount earlier) => new(
        later.Kind,
        later.Reads - earlier.Reads,
        later.Writes - earlier.Writes,
        later.Deletes - earlier.Deletes,
        later.BytesRead - earlier.BytesRead,
        later.BytesWritten - earlier.BytesWritten);
}
