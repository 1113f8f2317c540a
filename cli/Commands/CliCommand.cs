using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>A command with examples in its help.</summary>
/// <param name="name">Its word on the command line.</param>
/// <param name="description">What it does.</param>
/// <param name="examples">Whole command lines, each with what it does after two spaces and a '#'.</param>
internal sealed class CliCommand(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>The examples.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Sets what the command does; whatever goes wrong is told and turned into an exit code.</summary>
    public void Does(Func<CommandContext, Task<int>> action) => SetAction((parse, cancellation) => CommandRun.RunAsync(parse, action, cancellation));
}
