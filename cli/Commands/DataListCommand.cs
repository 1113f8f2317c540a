using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless data list</c>: the imported datasets.</summary>
internal static class DataListCommand
{
    public static CliCommand Create()
    {
        var command = new CliCommand("list", "List the imported datasets.", "serverless data list", "serverless data list --json | jq '.datasets[].name'");
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using var host = await context.ConnectAsync(HostNeed.ExistingData);
        var list = await host.Client.ListDatasetsAsync(context.Cancellation);
        context.Terminal.Result(list, console =>
        {
            if (list.Datasets.Count == 0)
            {
                console.WriteLine("There are no datasets yet. 'serverless data import --help' shows how to make one.");
                return;
            }

            var table = Terminal.Table("name", "rows", "test rows", "shape", "type", "classes");
            foreach (var dataset in list.Datasets)
            {
                table.AddRow(
                    dataset.Name,
                    dataset.Rows.ToString("N0", CultureInfo.InvariantCulture),
                    dataset.TestRows.ToString("N0", CultureInfo.InvariantCulture),
                    string.Join('×', dataset.Shape),
                    dataset.Type,
                    dataset.Classes.Count == 0 ? "numbers" : dataset.Classes.Count.ToString(CultureInfo.InvariantCulture));
            }

            console.Write(table);
        });
        return ExitCode.Ok;
    }
}
