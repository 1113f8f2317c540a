using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Serverless.Cli.Commands;

/// <summary>The <c>serverless</c> command.</summary>
internal static class CommandLine
{
    // After Ctrl+C trainers finish their round and Azurite saves its data; a process that has not ended by then is ended.
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var parse = Build().Parse(args);
        if (parse.Action is ParseErrorAction wrong)
        {
            // Help after a mistake would push the message out of sight.
            wrong.ShowHelp = false;
            parse.Invoke();
            await Console.Error.WriteLineAsync($"See: serverless {PathOf(parse)}--help");
            return ExitCode.BadInput;
        }

        return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = StopTime });
    }

    /// <summary>The command with all its subcommands.</summary>
    public static RootCommand Build()
    {
        var root = new RootCommand("Distributed training and low-latency inference for C# people: on this machine, or on Azure Functions and GPU containers.")
        {
            DemoCommand.Create(),
            UpCommand.Create(),
            ServeCommand.Create(),
            DataCommand.Create(),
            SubmitCommand.Create(),
            JobsCommand.Create(),
            JobCommand.Create(),
            WatchCommand.Create(),
            CancelCommand.Create(),
            ModelsCommand.Create(),
            InferCommand.Create(),
            OptimizeCommand.Create(),
            SourceCommands.Test(),
            SourceCommands.Bench(),
        };
        root.HelpName = "serverless";
        root.Add(GlobalOptions.Json);
        root.Add(GlobalOptions.Url);
        root.Add(GlobalOptions.Folder);
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction usual } help)
        {
            help.Action = new ExamplesHelpAction(usual);
        }

        return root;
    }

    private static string PathOf(ParseResult parse)
    {
        var words = new Stack<string>();
        for (var command = parse.CommandResult; command?.Command is not (null or RootCommand); command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            words.Push(command.Command.Name);
        }

        return string.Concat(words.Select(word => word + " "));
    }
}
