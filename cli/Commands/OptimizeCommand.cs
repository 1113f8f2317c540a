using System.CommandLine;
using System.Globalization;
using Serverless.Cli.Api;
using Serverless.Cli.Connections;
using Serverless.Cli.Predictions;
using Serverless.Core.Datasets;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization;
using Serverless.Optimization.Data;
using Serverless.Optimization.Sessions;
using Spectre.Console;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless optimize</c>: finds the fastest form of any ONNX model that keeps a budget.</summary>
internal static class OptimizeCommand
{
    private static readonly Argument<string> Model = new("MODEL.onnx") { Description = "The model: one input of rows, the output that counts first." };

    private static readonly Option<string?> Rows = new("--data")
    {
        Description = "A .npy, .csv or .json file with rows as the model takes them. A quarter of them, at most 512, serve to calibrate; accuracy is measured on the others.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Labels = new("--labels")
    {
        Description = "A file of the same kinds with what is right for each row: the index of its class, or numbers. Default: what the model itself says is right.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Dataset = new("--dataset") { Description = "An imported dataset instead of files.", HelpName = "NAME" };

    private static readonly Option<string?> Output = new("--output") { Description = "Where to write the chosen form. Default: beside the model, as NAME.FORM.onnx.", HelpName = "FILE" };

    private static readonly Option<double> MaxAccuracyLoss = new("--max-accuracy-loss")
    {
        Description = "Points of accuracy, of 100, that may be lost.",
        HelpName = "POINTS",
        DefaultValueFactory = _ => 0.5,
    };

    private static readonly Option<SessionDevice> Device = new("--device")
    {
        Description = "What to make the forms for and to measure on: cpu, or cuda for the first GPU (float16 is for that).",
        HelpName = "cpu|cuda",
    };

    private static readonly Option<string?> Forms = new("--forms")
    {
        Description = $"The forms to try, with commas between them, of {string.Join(", ", Enum.GetValues<ModelForm>().Select(EnumWords.For))}. Default: those that can pay on a CPU.",
        HelpName = "FORM,…",
    };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "optimize",
            "Make an ONNX model faster: tries 8-bit and other forms, measures each one's latency and accuracy on this machine, and keeps the fastest within a budget.",
            "serverless optimize model.onnx --data rows.npy --labels labels.npy",
            "serverless optimize model.onnx --dataset fashion-mnist --max-accuracy-loss 0.2",
            "serverless optimize model.onnx --data rows.npy --forms int8MinMax,float16 --json | jq .report.candidates")
        {
            Model,
            Rows,
            Labels,
            Dataset,
            Output,
            MaxAccuracyLoss,
            Device,
            Forms,
        };
        command.Does(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var path = context.Get(Model);
        var options = ReadOptions(context);
        var onnx = OnnxFile.Read(path);
        var data = context.Get(Dataset) is { } dataset ? await ReadDatasetAsync(context, dataset, options) : ReadFiles(context, onnx, options);
        var optimized = await Task.Run(() => ModelOptimizer.Optimize(onnx, data, options, context.Cancellation), context.Cancellation);
        var isAsBefore = optimized.Report.Chosen == OptimizationReport.Original;
        var target = isAsBefore ? null : context.Get(Output) ?? Path.ChangeExtension(path, $".{optimized.Report.Chosen}.onnx");
        if (target is not null)
        {
            await File.WriteAllBytesAsync(target, optimized.Onnx, context.Cancellation);
        }

        context.Terminal.Result(new OptimizeResult(target, optimized.Report), console =>
        {
            // Not folded, so that it can be pasted as Markdown.
            console.Profile.Out.Writer.Write(ReportTable.Write(optimized.Report));
            console.WriteLine(target is null ? "The model is best as it is; nothing was written." : $"Wrote {target}.");
        });
        return ExitCode.Ok;
    }

    private static OptimizationOptions ReadOptions(CommandContext context)
    {
        var errors = new FieldErrors();
        var files = context.Get(Rows) is not null;
        if (files == context.Get(Dataset) is not null)
        {
            errors.Add("data", files ? "is given together with --dataset; legal is one of the two" : "is missing; rows are needed to calibrate and to measure on: --data FILE or --dataset NAME");
        }

        if (!files && context.Get(Labels) is not null)
        {
            errors.Add("labels", "is given without --data; a dataset has its own");
        }

        var loss = context.Get(MaxAccuracyLoss);
        if (!LegalLoss.Contains(loss))
        {
            errors.Add("max-accuracy-loss", string.Create(CultureInfo.InvariantCulture, $"is {loss}; legal {LegalLoss}"));
        }

        var words = Enum.GetValues<ModelForm>().ToDictionary(EnumWords.For);
        var forms = new List<ModelForm>();
        foreach (var word in context.Get(Forms)?.Split(',', StringSplitOptions.TrimEntries) ?? [])
        {
            if (words.TryGetValue(word, out var form))
            {
                forms.Add(form);
            }
            else
            {
                errors.Add("forms", $"has \"{ObjectReader.Quote(word)}\"; legal {string.Join(", ", words.Keys)}{Suggestion.Hint(word, words.Keys)}");
            }
        }

        errors.ThrowIfAny();
        return new OptimizationOptions { MaxAccuracyLoss = loss, Device = context.Get(Device), Forms = forms.Count > 0 ? forms : OptimizationOptions.DefaultForms };
    }

    private static Interval LegalLoss => Interval.Closed(0, 100);

    private static async Task<OptimizationData> ReadDatasetAsync(CommandContext context, string name, OptimizationOptions options)
    {
        await using var host = await context.ConnectAsync(HostNeed.Storage);
        var datasets = new DatasetStore(host.Storage().Datasets);
        var train = await datasets.TryGetManifestAsync(name, DatasetSplits.Train, context.Cancellation)
            ?? throw new ValidationException("dataset", $"there is no dataset '{ObjectReader.Quote(name)}'; 'serverless data list' shows those there are");
        return await DatasetSamples.ReadAsync(datasets, train, options, context.Cancellation);
    }

    private static OptimizationData ReadFiles(CommandContext context, byte[] onnx, OptimizationOptions options)
    {
        using var session = new ModelSession(onnx);
        var input = session.Inputs[0];
        var raw = RowFile.Read(context.Get(Rows)!);
        var rows = new SampleRows(raw.For(new TensorDescription(input.Name, input.Datatype, input.Shape)).Bytes, raw.Count);

        // Whoever has a single row gets it for both.
        var calibration = Math.Clamp(rows.Count / 4, 1, options.CalibrationRows);
        var first = rows.Count > 1 ? calibration : 0;
        var labels = context.Get(Labels) is { } file ? RowFile.Read(file) : null;
        if (labels is not null && labels.Count != rows.Count)
        {
            throw new ValidationException("labels", string.Create(CultureInfo.InvariantCulture, $"'{labels.Source}' has {labels.Count} rows; '{raw.Source}' has {rows.Count}"));
        }

        var outputs = session.Run(rows.Repeat(session.BatchFor(1))).Length / session.BatchFor(1);
        return new OptimizationData(rows.Slice(0, calibration), rows.Slice(first, rows.Count - first), labels is null ? null : Right(labels, first, outputs));
    }

    private static TestLabels Right(RawRows labels, int first, int outputs)
    {
        var values = labels.Values[(first * labels.Width)..];
        if (labels.Width > 1 || outputs == 1)
        {
            return TestLabels.OfValues(values);
        }

        // A class of 0 is always right, and what is found where nothing is.
        return Array.Find(values, value => value < 0 || value >= outputs || !float.IsInteger(value)) is var wrong and not 0
            ? throw new ValidationException("labels", string.Create(CultureInfo.InvariantCulture, $"'{labels.Source}' has {wrong}; the model has {outputs} outputs: legal are classes of 0..{outputs - 1}"))
            : TestLabels.OfClasses(Array.ConvertAll(values, value => (int)value));
    }

    private sealed record OptimizeResult(string? Output, OptimizationReport Report);
}
