namespace Serverless.Cli.Commands;

/// <summary>Commands that need the sources: the bootstrap script runs them before this program exists; here they are for the help.</summary>
internal static class SourceCommands
{
    /// <summary><c>serverless test</c>.</summary>
    public static CliCommand Test() => Create(
        "test",
        "Build everything and run all tests (needs the sources: use ./serverless in the repository).",
        "serverless test                                  # everything",
        "serverless test --filter FullyQualifiedName~Rounds  # what follows is passed on to dotnet test");

    /// <summary><c>serverless bench</c>.</summary>
    public static CliCommand Bench() => Create(
        "bench",
        "Measure against other systems in the same run (needs the sources: use ./serverless in the repository).",
        "serverless bench training                        # against PyTorch DistributedDataParallel",
        "serverless bench training --network mlp --runs 3",
        "serverless bench inference                       # against fastify with onnxruntime-node, and Kestrel alone");

    private static CliCommand Create(string name, string description, params string[] examples)
    {
        var command = new CliCommand(name, description, examples) { TreatUnmatchedTokensAsErrors = false };
        command.Does(_ => throw new UsageException($"It runs from the sources: call ./serverless {name} in a clone of the repository."));
        return command;
    }
}
