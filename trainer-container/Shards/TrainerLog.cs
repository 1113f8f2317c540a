using Microsoft.Extensions.Logging;
using Serverless.Core.Jobs;

namespace Serverless.Trainer.Shards;

internal static partial class TrainerLog
{
    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Trainer {Trainer} is ready on {Device} after {Milliseconds:F0} ms")]
    public static partial void Ready(ILogger logger, string trainer, TorchSharp.torch.Device device, double milliseconds);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Information, Message = "Trainer {Trainer} has had nothing to do for {Seconds:F0} s and ends")]
    public static partial void Idle(ILogger logger, string trainer, double seconds);

    [LoggerMessage(EventId = 2003, Level = LogLevel.Information, Message = "Trainer {Trainer} was told to stop and hands its shards on")]
    public static partial void Stopping(ILogger logger, string trainer);

    [LoggerMessage(EventId = 2004, Level = LogLevel.Warning, Message = "Message {MessageId} on training-shards is no hint or came back {Dequeues} times: moved to the poison queue")]
    public static partial void HintPoisoned(ILogger logger, string messageId, long dequeues);

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "Job {Job}: begins at checkpoint {Round} of {Rounds}")]
    public static partial void RunBegins(ILogger logger, string job, int round, int rounds);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Information, Message = "Job {Job}: trained and evaluated")]
    public static partial void RunEnds(ILogger logger, string job);

    [LoggerMessage(EventId = 2012, Level = LogLevel.Information, Message = "Job {Job}: ended as {State} while it was being trained")]
    public static partial void JobEnded(ILogger logger, string job, JobState state);

    [LoggerMessage(EventId = 2013, Level = LogLevel.Error, Message = "Job {Job}: cannot be trained, and has failed")]
    public static partial void JobFailed(ILogger logger, Exception exception, string job);

    [LoggerMessage(EventId = 2014, Level = LogLevel.Warning, Message = "Job {Job}: out of step with storage, beginning again from there")]
    public static partial void OutOfStep(ILogger logger, Exception exception, string job);

    [LoggerMessage(EventId = 2020, Level = LogLevel.Information, Message = "Job {Job}: claimed shard {Shard} (epoch {Epoch})")]
    public static partial void Claimed(ILogger logger, string job, int shard, long epoch);

    [LoggerMessage(EventId = 2021, Level = LogLevel.Warning, Message = "Job {Job}: lost shard {Shard} to another trainer")]
    public static partial void Lost(ILogger logger, string job, int shard);

    [LoggerMessage(EventId = 2022, Level = LogLevel.Information, Message = "Job {Job}: handed shard {Shard} over to {Trainer}")]
    public static partial void HandedOver(ILogger logger, string job, int shard, string trainer);

    [LoggerMessage(EventId = 2023, Level = LogLevel.Information, Message = "Job {Job}: asked {Owner} for shard {Shard}")]
    public static partial void Requested(ILogger logger, string job, string owner, int shard);

    [LoggerMessage(EventId = 2024, Level = LogLevel.Warning, Message = "Job {Job}: claims could not be renewed now")]
    public static partial void HeartbeatFailed(ILogger logger, Exception exception, string job);

    [LoggerMessage(EventId = 2025, Level = LogLevel.Warning, Message = "Job {Job}: owners could not be looked at now")]
    public static partial void BalancingFailed(ILogger logger, Exception exception, string job);

    [LoggerMessage(EventId = 2026, Level = LogLevel.Information, Message = "Job {Job}: does not ask for shard {Shard} any more")]
    public static partial void Withdrawn(ILogger logger, string job, int shard);

    [LoggerMessage(EventId = 2030, Level = LogLevel.Debug, Message = "Job {Job}: round {Round}, shard {Shard} trained in {Milliseconds:F1} ms")]
    public static partial void Trained(ILogger logger, string job, int round, int shard, double milliseconds);

    [LoggerMessage(EventId = 2031, Level = LogLevel.Warning, Message = "Job {Job}: the contribution of shard {Shard} to round {Round} has gone from storage and is written again")]
    public static partial void ContributionLost(ILogger logger, string job, int round, int shard);

    [LoggerMessage(EventId = 2032, Level = LogLevel.Information, Message = "Job {Job}: the state of shard {Shard} before round {Round} is not in storage; it is computed again from checkpoint {Checkpoint}")]
    public static partial void Replaying(ILogger logger, string job, int shard, int round, int checkpoint);

    [LoggerMessage(EventId = 2033, Level = LogLevel.Warning, Message = "Job {Job}: storage has lost contributions to round {Round}; they are computed again")]
    public static partial void ContributionsLost(ILogger logger, string job, int round);
}
