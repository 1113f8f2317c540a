using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless models</c>: the published models.</summary>
internal static class ModelsCommand
{
    public static CliCommand Create()
    {
        var command = new CliCommand("models", "List the published models.", "serverless models", "serverless models --json | jq '.models[] | {name, version, accuracy}'");
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using var host = await context.ConnectAsync(HostNeed.ExistingData);
        var list = await host.Client.ListModelsAsync(context.Cancellation);
        context.Terminal.Result(list, console =>
        {
            if (list.Models.Count == 0)
            {
                console.WriteLine("There are no models yet. A job publishes one when its spec has a \"publish\": {\"model\": NAME}.");
                return;
            }

            var table = Terminal.Table("model", "version", "accuracy", "loss", "published", "job");
            foreach (var model in list.Models)
            {
                table.AddRow(
                    model.Name,
                    model.Version.ToString(CultureInfo.InvariantCulture),
                    Wording.Percent(model.Accuracy),
                    Wording.Loss(model.Loss),
                    model.Created.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    model.Job ?? "");
            }

            console.Write(table);
        });
        return ExitCode.Ok;
    }
}
