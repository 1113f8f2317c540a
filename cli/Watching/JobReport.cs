using System.Globalization;
using System.Text.Json.Serialization;
using Serverless.Cli.Output;
using Serverless.Core.Jobs;
using Spectre.Console;

namespace Serverless.Cli.Watching;

/// <summary>What a watched job came to: the last line of <c>submit --watch --json</c> and <c>watch --json</c>.</summary>
internal sealed record JobReport
{
    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>How it ended.</summary>
    public required JobState State { get; init; }

    /// <summary>Rounds it was planned for.</summary>
    public required int Rounds { get; init; }

    /// <summary>Rounds done.</summary>
    public required int Round { get; init; }

    /// <summary>Trainers that worked on it.</summary>
    public required int Trainers { get; init; }

    /// <summary>Seconds from submission to end.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training samples a second from the job's start to its last contribution.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Mean training loss of the last round.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of the test rows classified right, 0 to 1.</summary>
    public double? TestAccuracy { get; init; }

    /// <summary>Mean loss on the test rows.</summary>
    public double? TestLoss { get; init; }

    /// <summary>Hash of the parameters it ended with.</summary>
    public string? ParametersSha256 { get; init; }

    /// <summary>The model it was published as.</summary>
    public string? Model { get; init; }

    /// <summary>That model's version.</summary>
    public string? Version { get; init; }

    /// <summary>Why it failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Failure { get; init; }

    /// <summary>Writes the report.</summary>
    /// <returns>The command's exit code.</returns>
    public int Tell(Terminal terminal)
    {
        terminal.Result(this, console => console.WriteLine(State switch
        {
            JobState.Succeeded => string.Create(
                CultureInfo.InvariantCulture,
                $"Job {Job} succeeded after {Seconds:0.0} s: {Rounds} rounds, {Trainers} trainers, {Wording.Speed(ImagesPerSecond)}, test accuracy {Wording.Percent(TestAccuracy)}{Published}."),
            JobState.Failed => $"Job {Job} failed in round {Round}: {Failure}",
            _ => $"Job {Job} was cancelled in round {Round}.",
        }));
        return State == JobState.Succeeded ? ExitCode.Ok : ExitCode.Failed;
    }

    [JsonIgnore]
    private string Published => Model is null ? "" : $", published as model {Model} version {Version}";
}
