namespace Serverless.Cli.Commands;

/// <summary><c>serverless test</c>: the bootstrap script runs it before this program exists; here it is for the help.</summary>
internal static class TestCommand
{
    public static CliCommand Create()
    {
        var command = new CliCommand(
            "test",
            "Build everything and run all tests (needs the sources: use ./serverless in the repository).",
            "serverless test                                  # everything",
            "serverless test --filter FullyQualifiedName~Rounds  # what follows is passed on to dotnet test")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Does(_ => throw new UsageException("The tests run from the sources: call ./serverless test in a clone of the repository."));
        return command;
    }
}
