namespace Serverless.Core.Jobs;

/// <summary>There is no job of this id.</summary>
public sealed class JobNotFoundException(string job) : Exception($"There is no job '{Validation.ObjectReader.Quote(job)}'.")
{
    /// <summary>The id asked for.</summary>
    public string Job { get; } = job;
}
