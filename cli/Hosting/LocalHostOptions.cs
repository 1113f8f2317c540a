using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Hosting;

/// <summary>What a local host runs, where it keeps its data and which ports it listens on.</summary>
public sealed record LocalHostOptions
{
    /// <summary>The port of <c>serverless up</c> and the one that other commands look for a host on.</summary>
    public const int DefaultPort = 7071;

    /// <summary>Azurite's usual blob port, so that storage tools find it as the development storage.</summary>
    public const int DefaultBlobPort = 10000;

    /// <summary>Azurite's usual queue port.</summary>
    public const int DefaultQueuePort = 10001;

    /// <summary>Where Azurite's data, logs and the record of the running host lie. Created if it does not exist.</summary>
    public string Folder { get; init; } = ".serverless";

    /// <summary>Port of the HTTP triggers; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>Port of Azurite's blob service; 0 lets the system choose.</summary>
    public int BlobPort { get; init; }

    /// <summary>Port of Azurite's queue service; 0 lets the system choose.</summary>
    public int QueuePort { get; init; }

    /// <summary>A storage account to use instead of an Azurite of the host's own.</summary>
    public string? StorageConnectionString { get; init; }

    /// <summary>The function apps to run.</summary>
    public IReadOnlyList<FunctionApp> Apps { get; init; } = [];

    /// <summary>App settings that every function app sees besides the machine's environment.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>The trainers to start while shards wait, or null for a host that starts none.</summary>
    public TrainerPoolOptions? Trainers { get; init; }

    /// <summary>
    /// How long a received message stays hidden from others while its function runs; renewed as long as it does. Short, because a host that is killed
    /// holds its messages back for this long.
    /// </summary>
    public TimeSpan MessageLock { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest pause between two looks into an empty queue, whatever host.json allows: here polling costs nothing, waiting does.</summary>
    public TimeSpan MaxPollingInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long functions and trainers may take to finish what they are at when the host stops.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock of timers, polling and lock renewal.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Adds log providers. The host adds none of its own.</summary>
    public Action<ILoggingBuilder>? ConfigureLogging { get; init; }
}
