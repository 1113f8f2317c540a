namespace Serverless.Core.Storage;

/// <summary>How long a request to storage is retried before it is an error.</summary>
/// <param name="FirstDelay">Wait before the first retry; it doubles from then on.</param>
/// <param name="LongestDelay">Longest wait between two tries.</param>
/// <param name="Retries">Most retries.</param>
/// <param name="RequestTimeout">Longest time one try may go without an answer, or a stream without another byte.</param>
public sealed record StoragePatience(TimeSpan FirstDelay, TimeSpan LongestDelay, int Retries, TimeSpan RequestTimeout)
{
    /// <summary>
    /// Outlasts a storage emulator that is killed and started again and the short outages of the cloud: with refused connections, which fail at once, the waits
    /// alone (0.1 s doubling to 2 s, 40 of them) add up to about 75 s.
    /// </summary>
    public static StoragePatience Standard { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2), 40, TimeSpan.FromSeconds(60));

    /// <summary>For tools that rather say soon that storage is not there.</summary>
    public static StoragePatience Brief { get; } = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1), 3, TimeSpan.FromSeconds(10));
}
