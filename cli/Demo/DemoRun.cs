using System.Diagnostics;
using System.Globalization;
using Serverless.Cli.Commands;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;
using Serverless.Cli.Predictions;
using Serverless.Cli.Watching;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Jobs;
using Spectre.Console;

namespace Serverless.Cli.Demo;

/// <summary>The main job, end to end: import, submit, train, publish, predict.</summary>
internal static class DemoRun
{
    private const int Pictures = 8;

    /// <summary>Runs the demo on a host that has trainers.</summary>
    /// <returns>The command's exit code.</returns>
    public static async Task<int> RunAsync(HostConnection host, FashionMnist data, CommandContext context, Stopwatch clock)
    {
        var (terminal, cancellation) = (context.Terminal, context.Cancellation);
        await ImportAsync(host, data, terminal, cancellation);
        var submitted = await host.Client.SubmitAsync(JobSpec(), cancellation);
        terminal.Note($"Submitted job {submitted.Job}: a small convolutional network, 4 shards, 2 epochs. Trainers start, meet in storage round by round, and leave.");
        var report = await new JobWatcher(host.Client, terminal, TimeProvider.System).WatchAsync(submitted.Job, cancellation);
        if (report.State != JobState.Succeeded)
        {
            return report.Tell(terminal);
        }

        terminal.Note($"Published as model {report.Model} version {report.Version}. Asking it about test images over HTTP: POST {host.Url}v2/models/{report.Model}/infer");
        var predictions = await AskAsync(host, report, data, cancellation);
        var result = new DemoReport(
            report.Job,
            report.Trainers,
            report.Rounds,
            Math.Round(clock.Elapsed.TotalSeconds, 2),
            report.Seconds,
            report.ImagesPerSecond,
            report.TestAccuracy,
            report.ParametersSha256,
            report.Model,
            report.Version,
            predictions[0],
            predictions);
        Gallery.Show(terminal.IsJson ? terminal.Error : terminal.Out, predictions, terminal.IsJson ? terminal.IsLive : !Console.IsOutputRedirected);
        terminal.Result(result, console => console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {result.Trainers} trainers, {result.Rounds} rounds, {Wording.Speed(result.ImagesPerSecond)}, {result.Seconds:0.0} s in all.
            Test accuracy {Wording.Percent(result.TestAccuracy)}. Parameters SHA-256 {result.ParametersSha256}: the same however many trainers share the work.
            Next: serverless models    serverless infer {result.Model} --input IMAGES.npy    serverless data import --help
            """)));
        return ExitCode.Ok;
    }

    /// <summary>The job that the demo submits, as anyone could.</summary>
    public static byte[] JobSpec()
    {
        using var resource = typeof(DemoRun).Assembly.GetManifestResourceStream("demo-job.json") ?? throw new InvalidOperationException("The demo's job is not embedded.");
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return json;
    }

    private static async Task ImportAsync(HostConnection host, FashionMnist data, Terminal terminal, CancellationToken cancellation)
    {
        var store = new DatasetStore(host.Storage().Datasets);
        if (await store.TryGetManifestAsync(FashionMnist.Dataset, DatasetSplits.Train, cancellation) is { } present)
        {
            terminal.Note(string.Create(CultureInfo.InvariantCulture, $"Dataset {present.Name} is there already: {present.Rows:N0} training images."));
            return;
        }

        var imported = await ImportProgressView.RunAsync(terminal, progress => new DatasetImporter(store).ImportAsync(data.Import, progress, cancellation));
        terminal.Note(string.Create(CultureInfo.InvariantCulture, $"Imported dataset {imported.Train.Name}: {imported.Train.Rows:N0} training and {imported.Test?.Rows:N0} test images of {FashionMnist.Side}×{FashionMnist.Side} pixels."));
    }

    private static async Task<IReadOnlyList<DemoPrediction>> AskAsync(HostConnection host, JobReport report, FashionMnist data, CancellationToken cancellation)
    {
        using var imageFile = IdxFile.Open("data", data.TestImages);
        using var labelFile = IdxFile.Open("data", data.TestLabels);
        var images = RowFile.ReadArray(data.TestImages, imageFile, Pictures);
        var labels = RowFile.ReadArray(data.TestLabels, labelFile, Pictures);
        var model = await ModelAsker.FindAsync(host, report.Model!, report.Version, isNew: true, cancellation);
        var (_, predictions) = await model.AskAsync(images, top: 1, cancellation);
        var pixels = Array.ConvertAll(images.Values, value => (byte)value);
        return [.. predictions.Select(prediction =>
        {
            var best = prediction.Classes![0];
            return new DemoPrediction(
                prediction.Row, best.Class, FashionMnist.Classes[(int)labels.Values[prediction.Row]], best.Probability, pixels.AsMemory(prediction.Row * images.Width, images.Width));
        })];
    }
}
