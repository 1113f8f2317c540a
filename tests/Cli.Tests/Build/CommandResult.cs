namespace Serverless.Cli.Tests.Build;

/// <summary>How a command ended and everything it printed.</summary>
internal sealed record CommandResult(int ExitCode, string Output);
