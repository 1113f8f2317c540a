using Microsoft.Extensions.Logging;

namespace Serverless.Core.Rounds;

internal static partial class RoundsLog
{
    [LoggerMessage(EventId = 1100, Level = LogLevel.Debug, Message = "Job {Job}: round {Round} reduced ({Outcome}) in {Milliseconds:F1} ms")]
    public static partial void RoundReduced(ILogger logger, string job, int round, ReduceOutcome outcome, double milliseconds);

    [LoggerMessage(EventId = 1101, Level = LogLevel.Error, Message = "Job {Job}: round {Round} cannot be reduced; the job has failed")]
    public static partial void RoundFailed(ILogger logger, Exception exception, string job, int round);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Warning, Message = "Job {Job}: rounds before {BeforeRound} were not deleted")]
    public static partial void PruningFailed(ILogger logger, Exception exception, string job, int beforeRound);

    [LoggerMessage(EventId = 1103, Level = LogLevel.Warning, Message = "Job {Job}: the progress to checkpoint {Checkpoint} was not told")]
    public static partial void ReportFailed(ILogger logger, Exception exception, string job, int checkpoint);
}
