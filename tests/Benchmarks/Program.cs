using System.CommandLine;
using System.Globalization;
using Serverless.Benchmarks.Inference;
using Serverless.Benchmarks.Training;
using Spectre.Console;

namespace Serverless.Benchmarks;

/// <summary>The benchmarks' command line: <c>./serverless bench training</c> and <c>./serverless bench inference</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is [KestrelCeiling.Command, var port, var answer, var jsonLength])
        {
            await KestrelCeiling.RunAsync(int.Parse(port, CultureInfo.InvariantCulture), answer, int.Parse(jsonLength, CultureInfo.InvariantCulture));
            return 0;
        }

        var root = new RootCommand("Measures this system against its peers, in the same run.") { Training(), Inference() };
        return await root.Parse(args).InvokeAsync();
    }

    private static Command Training()
    {
        var runs = Number("--runs", "Runs of each side; medians are shown.", 5);
        var network = new Option<string>("--network") { Description = "Which network.", DefaultValueFactory = _ => "all" };
        network.AcceptOnlyFromAmong(["all", .. Workload.All.Select(workload => workload.Network)]);
        var data = new Option<string>("--data") { Description = "Folder of Fashion-MNIST's four .gz files.", DefaultValueFactory = _ => "/usr/share/datasets/fashion-mnist" };
        var command = new Command("training", "Images a second against PyTorch DistributedDataParallel (Debian's python3-torch), and what a round costs in storage.") { runs, network, data };
        command.SetAction((parsed, cancellation) =>
        {
            var name = parsed.GetRequiredValue(network);
            var chosen = Workload.All.Where(workload => name == "all" || name == workload.Network).ToList();
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 120);
            return new TrainingBenchmark(parsed.GetRequiredValue(data), parsed.GetValue(runs), AnsiConsole.Console).RunAsync(chosen, cancellation);
        });
        return command;
    }

    private static Command Inference()
    {
        ServedNetwork[] networks = [ServedNetwork.Perceptron, ServedNetwork.Wide, ServedNetwork.Convolutional];
        var runs = Number("--runs", "Loads of each server; medians are shown.", 5);
        var seconds = Number("--seconds", "How long each load lasts.", 5);
        var network = new Option<string>("--network") { Description = "Which network.", DefaultValueFactory = _ => "all" };
        network.AcceptOnlyFromAmong(["all", .. networks.Select(each => each.Name)]);
        var command = new Command("inference", "Requests a second against fastify with onnxruntime-node, with Kestrel alone and the session alone as ceilings; load by wrk.") { runs, seconds, network };
        command.SetAction((parsed, cancellation) =>
        {
            var name = parsed.GetRequiredValue(network);
            AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 120);
            return new InferenceBenchmark(parsed.GetValue(runs), parsed.GetValue(seconds), AnsiConsole.Console)
                .RunAsync([.. networks.Where(each => name == "all" || name == each.Name)], cancellation);
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
            {
                result.AddError($"{name} is {result.GetValueOrDefault<int>()}; legal 1..100");
            }
        });
        return option;
    }
}
