using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Validation;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless data import</c>: makes a dataset of files.</summary>
internal static class DataImportCommand
{
    private static readonly Argument<string> Name = new("NAME") { Description = "The dataset's name." };

    private static readonly Option<string> Train = new("--train")
    {
        Description = "File of the training rows; for idx and npy the file of features and the file of labels with a comma between them. May be gzipped.",
        HelpName = "FILE[,LABELS]",
        Required = true,
    };

    private static readonly Option<string?> Test = new("--test") { Description = "The same for the rows that accuracy is measured on.", HelpName = "FILE[,LABELS]" };

    private static readonly Option<SourceFormat> Format = new("--format") { Description = "Format of the files: idx, csv or npy.", HelpName = "idx|csv|npy", Required = true };

    private static readonly Option<string> Label = new("--label")
    {
        Description = "csv: which column is the label: first, last, its name in the header, or its number counted from 1.",
        HelpName = "first|last|COLUMN",
        DefaultValueFactory = _ => "last",
    };

    private static readonly Option<bool?> Header = new("--header")
    {
        Description = "csv: whether the first line is a header. Default: it is when a feature in it is no number.",
        HelpName = "true|false",
    };

    private static readonly Option<LabelKind?> Labels = new("--labels")
    {
        Description = "Whether labels are classes or numbers to predict (value). Default: numbers with a fraction are values, all else classes.",
        HelpName = "class|value",
    };

    private static readonly Option<string?> Classes = new("--classes")
    {
        Description = "Names of the classes in the order of their indices, with commas between them. Default: the labels met.",
        HelpName = "NAME,…",
    };

    private static readonly Option<string?> Shape = new("--shape")
    {
        Description = "Dimensions of a row, such as 1,28,28 (channels, height, width). Default: IDX images of H×W become 1,H,W; NPY arrays keep theirs; CSV rows are flat.",
        HelpName = "D,…",
    };

    private static readonly Option<string?> Scale = new("--scale")
    {
        Description = "What features are divided by, or standard (mean 0, deviation 1), or none. Default: bytes by 255, all else none. The published model does the same by itself.",
        HelpName = "N|standard|none",
    };

    private static readonly Option<long> Seed = new("--seed") { Description = "Seed of the order that training rows are put into.", HelpName = "N" };

    private static readonly Option<bool> Overwrite = new("--overwrite") { Description = "Replace a dataset of this name that has other content." };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "import",
            "Make a dataset of files.",
            "serverless data import fashion-mnist --format idx \\",
            "    --train train-images-idx3-ubyte.gz,train-labels-idx1-ubyte.gz --test t10k-images-idx3-ubyte.gz,t10k-labels-idx1-ubyte.gz",
            "serverless data import digits --train digits.csv --test digits-test.csv --format csv --label last --shape 1,8,8 --scale 16",
            "serverless data import houses --train x.npy,y.npy --format npy --scale standard   # float labels: numbers to predict")
        {
            Name,
            Train,
            Test,
            Format,
            Label,
            Header,
            Labels,
            Classes,
            Shape,
            Scale,
            Seed,
            Overwrite,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var options = ReadOptions(context);
        options.Validate();
        await using var host = await context.ConnectAsync(HostNeed.Storage);
        var storage = host.Storage();
        await storage.CreateAsync(context.Cancellation);
        var result = await ImportProgressView.RunAsync(
            context.Terminal, progress => new DatasetImporter(new DatasetStore(storage.Datasets)).ImportAsync(options, progress, context.Cancellation));
        var train = result.Train;
        var summary = new
        {
            dataset = train.Name,
            outcome = EnumWords.For(result.Outcome),
            rows = train.Rows,
            testRows = result.Test?.Rows ?? 0,
            shape = train.Features.Shape,
            classes = train.Label.Classes,
            sha256 = train.Sha256,
        };
        context.Terminal.Result(summary, console => console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(result.Outcome == ImportOutcome.Unchanged ? "Already there" : "Imported")}: dataset {train.Name}, {train.Rows:N0} training rows and {summary.testRows:N0} test rows of {string.Join('×', train.Features.Shape)}, {Describe(train.Label)}.")));
        return ExitCode.Ok;
    }

    private static string Describe(LabelSpec label) => label.Kind == LabelKind.Class
        ? string.Create(CultureInfo.InvariantCulture, $"{label.Classes.Count} classes")
        : "numbers to predict";

    private static ImportOptions ReadOptions(CommandContext context)
    {
        var errors = new FieldErrors();
        var options = new ImportOptions
        {
            Name = context.Get(Name),
            Format = context.Get(Format),
            Train = errors.Collect(() => SourceFiles.Parse(context.Get(Train)!, "train")) ?? new SourceFiles(""),
            Test = context.Get(Test) is { } test ? errors.Collect(() => SourceFiles.Parse(test, "test")) : null,
            Label = errors.Collect(() => LabelColumn.Parse(context.Get(Label)!)) ?? LabelColumn.Last,
            Header = context.Get(Header),
            LabelKind = context.Get(Labels),
            Classes = context.Get(Classes)?.Split(',', StringSplitOptions.TrimEntries),
            Shape = context.Get(Shape) is { } shape ? errors.Collect(() => ImportOptions.ParseShape(shape)) : null,
            Scale = context.Get(Scale) is { } scale ? errors.Collect(() => ImportScaling.Parse(scale)) : null,
            Seed = context.Get(Seed),
            Overwrite = context.Get(Overwrite),
        };
        errors.ThrowIfAny();
        return options;
    }

    private static T? Collect<T>(this FieldErrors errors, Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (ValidationException e)
        {
            errors.Add(e);
            return null;
        }
    }
}
