using Serverless.Cli.Commands;

namespace Serverless.Cli;

/// <summary>The process's entry point.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args) => CommandLine.RunAsync(args);
}
