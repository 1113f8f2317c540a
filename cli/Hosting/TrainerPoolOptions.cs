namespace Serverless.Cli.Hosting;

/// <summary>The trainer processes a local host may start.</summary>
public sealed record TrainerPoolOptions
{
    /// <summary>How many trainers may run at once.</summary>
    public required int Max { get; init; }

    /// <summary>The program to start: <c>dotnet</c>, or a trainer published as a program of its own.</summary>
    public required string FileName { get; init; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Settings of the trainers besides the machine's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How often the queue's length is looked at.</summary>
    public TimeSpan PollingInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a trainer may take from its start until it takes its first message. Until then it counts as coming for one of the waiting messages.</summary>
    public TimeSpan StartupTime { get; init; } = TimeSpan.FromSeconds(5);
}
