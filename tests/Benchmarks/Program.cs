using System.CommandLine;
using Serverless.Benchmarks.Training;
using Spectre.Console;

namespace Serverless.Benchmarks;

/// <summary>The benchmarks' command line: <c>./serverless bench training</c>.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var root = new RootCommand("Measures this system against its peers, in the same run.") { Training() };
        return root.Parse(args).InvokeAsync();
    }

    private static Command Training()
    {
        var runs = new Option<int>("--runs") { Description = "Runs of each side; medians are shown.", DefaultValueFactory = _ => 5 };
        runs.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 100)
            {
                result.AddError($"--runs is {result.GetValueOrDefault<int>()}; legal 1..100");
            }
        });
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
}
