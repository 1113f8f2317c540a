namespace Serverless.Cli.Tests.Build;

/// <summary>How a command ended, what it printed as its result, and everything it printed: the two streams come in no order between them.</summary>
internal sealed record CommandResult(int ExitCode, string StandardOutput, string Output);
