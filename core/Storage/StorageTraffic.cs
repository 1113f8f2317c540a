using Azure.Core;

namespace Serverless.Core.Storage;

/// <summary>Counts requests to storage and their bytes by what they were about. Safe to use from many threads.</summary>
public sealed class StorageTraffic
{
    private const int Columns = 5;

    private static readonly int Kinds = Enum.GetValues<TrafficKind>().Length;

    private readonly long[] _counts = new long[Kinds * Columns];

    /// <summary>The count of one kind.</summary>
    public TrafficCount this[TrafficKind kind]
    {
        get
        {
            var row = (int)kind * Columns;
            return new TrafficCount(kind, Read(row), Read(row + 1), Read(row + 2), Read(row + 3), Read(row + 4));
        }
    }

    /// <summary>All counts, in the order of the kinds.</summary>
    public IReadOnlyList<TrafficCount> Snapshot() => [.. Enum.GetValues<TrafficKind>().Select(kind => this[kind])];

    internal void Add(TrafficKind kind, RequestMethod method, long bytesRead, long bytesWritten)
    {
        var row = (int)kind * Columns;
        var column = method == RequestMethod.Delete ? 2 : method == RequestMethod.Get || method == RequestMethod.Head ? 0 : 1;
        Interlocked.Increment(ref _counts[row + column]);
        Interlocked.Add(ref _counts[row + 3], bytesRead);
        Interlocked.Add(ref _counts[row + 4], bytesWritten);
    }

    private long Read(int index) => Interlocked.Read(ref _counts[index]);
}
