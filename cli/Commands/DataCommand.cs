namespace Serverless.Cli.Commands;

/// <summary><c>serverless data</c>: datasets.</summary>
internal static class DataCommand
{
    public static CliCommand Create() => new("data", "Import and list datasets.")
    {
        DataImportCommand.Create(),
        DataListCommand.Create(),
    };
}
