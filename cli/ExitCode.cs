namespace Serverless.Cli;

/// <summary>What the command's exit code means. Scripts may rely on it; <c>serverless --help</c> lists it.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Ok = 0;

    /// <summary>The job failed or was cancelled, or something unexpected happened.</summary>
    public const int Failed = 1;

    /// <summary>The command line or a file or value it names is wrong.</summary>
    public const int BadInput = 2;

    /// <summary>The host does not answer or cannot start.</summary>
    public const int NoHost = 3;

    /// <summary>There is no such job, model or dataset.</summary>
    public const int NotFound = 4;

    /// <summary>Ended by Ctrl+C or SIGTERM before it was done.</summary>
    public const int Interrupted = 130;
}
