using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Serverless.Cli.Commands;

/// <summary>The usual help, then the command's examples and, for the whole tool, what its exit codes mean.</summary>
internal sealed class ExamplesHelpAction(HelpAction usual) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is CliCommand { Examples.Count: > 0 } command)
        {
            output.WriteLine("Examples:");
            foreach (var example in command.Examples)
            {
                output.WriteLine($"  {example}");
            }

            output.WriteLine();
        }

        if (parseResult.CommandResult.Command is RootCommand)
        {
            output.WriteLine("Start with:");
            output.WriteLine("  serverless demo        # trains a network on real images on this machine and asks it about some");
            output.WriteLine();
            output.WriteLine("Exit codes:");
            output.WriteLine("  0 done   1 job failed or cancelled, or unexpected   2 bad input   3 no host   4 not found   130 interrupted");
            output.WriteLine();
        }

        return code;
    }
}
