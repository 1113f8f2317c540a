using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Serverless.Cli.Predictions;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless infer</c>: asks a published model about rows of a file, or images.</summary>
internal static class InferCommand
{
    private const int ShownRows = 20;

    private static readonly Argument<string> Model = new("MODEL") { Description = "The model's name." };

    private static readonly Option<string[]> Input = new("--input")
    {
        Description = "A .npy, .csv or .json file with a row of raw numbers for each question, no scaling; or .png and .jpg images, which are brought to the model's size and colours.",
        HelpName = "FILE",
        Required = true,
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int?> Version = GlobalOptions.Number("--version", "A version instead of the newest.", 1, int.MaxValue);

    private static readonly Option<int?> Top = GlobalOptions.Number("--top", "How many classes to give for a row (default 1).", 1, 1000);

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "infer",
            "Ask a published model about images or the rows of a file, over HTTP.",
            "serverless infer fashion-mnist --input images.npy         # the likeliest class of each image",
            "serverless infer fashion-mnist --input shoe.png shirt.jpg # of two images",
            "serverless infer digits --input digits.csv --top 3        # the three likeliest ones",
            "serverless infer digits --input rows.json --json | jq .predictions")
        {
            Model,
            Input,
            Version,
            Top,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var rows = InputFiles.Read(context.Get(Input)!);
        await using var host = await context.ConnectAsync(HostNeed.ExistingData);
        var version = context.Get(Version)?.ToString(CultureInfo.InvariantCulture);
        var model = await ModelAsker.FindAsync(host, context.Get(Model), version, isNew: host.IsOwn, context.Cancellation);
        var clock = Stopwatch.StartNew();
        var (answer, predictions) = await model.AskAsync(rows, context.Get(Top) ?? 1, context.Cancellation);
        var result = new InferResult(answer.ModelName, answer.ModelVersion, rows.Count, Math.Round(clock.Elapsed.TotalSeconds, 4), predictions);
        context.Terminal.Result(result, console =>
        {
            var table = Terminal.Table("row", predictions[0].Classes is null ? "values" : "class");
            foreach (var prediction in predictions.Take(ShownRows))
            {
                table.AddRow(prediction.Row.ToString(CultureInfo.InvariantCulture), Markup.Escape(Describe(prediction)));
            }

            console.Write(table);
            if (predictions.Count > ShownRows)
            {
                console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"… {predictions.Count - ShownRows} more rows; --json gives all."));
            }
        });
        return ExitCode.Ok;
    }

    private static string Describe(Prediction prediction) => prediction.Classes is { } classes
        ? string.Join("   ", classes.Select(found => string.Create(CultureInfo.InvariantCulture, $"{found.Class} {found.Probability:P1}")))
        : string.Join("   ", prediction.Values!.Select(value => value.ToString("G6", CultureInfo.InvariantCulture)));

    private sealed record InferResult(string Model, string Version, int Rows, double Seconds, IReadOnlyList<Prediction> Predictions);
}
