using System.CommandLine;
using Serverless.Cli.Commands;

namespace Serverless.Cli.Tests.Commands;

public sealed class HelpTests
{
    public static TheoryData<string> Commands()
    {
        var paths = new TheoryData<string>();
        foreach (var (path, _) in Leaves(CommandLine.Build(), ""))
        {
            paths.Add(path);
        }

        return paths;
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Command_HasADescriptionAndExamplesThatParse(string path)
    {
        var root = CommandLine.Build();
        var command = Assert.IsType<CliCommand>(Leaves(root, "").Single(leaf => leaf.Path == path).Command);

        Assert.False(string.IsNullOrWhiteSpace(command.Description));
        Assert.NotEmpty(command.Examples);
        foreach (var example in string.Join('\n', command.Examples).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))
        {
            // What a shell would hand over: nothing of a comment, and only our side of a pipe.
            var line = example.Split('#')[0].Split('|').Select(part => part.Trim()).Single(part => part.StartsWith("serverless", StringComparison.Ordinal));
            var parse = root.Parse(line["serverless".Length..]);
            Assert.True(parse.Errors.Count == 0, $"'{line}': {string.Join(' ', parse.Errors.Select(error => error.Message))}");
            Assert.Same(command, parse.CommandResult.Command);
        }
    }

    [Fact]
    public void Help_OfTheTool_ListsCommandsAndExitCodes()
    {
        using var output = new StringWriter();

        CommandLine.Build().Parse("--help").Invoke(new InvocationConfiguration { Output = output });

        var help = output.ToString();
        Assert.All(new[] { "demo", "test", "up", "data", "submit", "jobs", "job", "watch", "cancel", "models", "infer" }, name => Assert.Contains($"\n  {name} ", help, StringComparison.Ordinal));
        Assert.Contains("4 not found", help, StringComparison.Ordinal);
        Assert.Contains("serverless [command]", help, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Path, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(child => Leaves(child, $"{path} {child.Name}".Trim()));
}
