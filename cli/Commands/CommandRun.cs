using System.CommandLine;
using Serverless.Cli.Output;

namespace Serverless.Cli.Commands;

/// <summary>Runs a command's action and turns what it throws into words and an exit code.</summary>
internal static class CommandRun
{
    /// <summary>Runs an action.</summary>
    public static async Task<int> RunAsync(ParseResult parse, Func<CommandContext, Task<int>> action, CancellationToken cancellation)
    {
        var terminal = new Terminal(parse.GetValue(GlobalOptions.Json));
        try
        {
            return await action(new CommandContext(parse, terminal, cancellation));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Note("Interrupted.");
            return ExitCode.Interrupted;
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e);
            terminal.Fail(failure);
            return failure.ExitCode;
        }
    }
}
