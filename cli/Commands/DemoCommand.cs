using System.CommandLine;
using System.Diagnostics;
using Serverless.Cli.Connections;
using Serverless.Cli.Demo;

namespace Serverless.Cli.Commands;

/// <summary><c>serverless demo</c>: the whole way from images to predictions on this machine.</summary>
internal static class DemoCommand
{
    private const int Trainers = 2;

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder with the four Fashion-MNIST files. Default: where Debian's package dataset-fashion-mnist puts them.",
        HelpName = "FOLDER",
    };

    public static CliCommand Create()
    {
        var command = new CliCommand(
            "demo",
            "Train a network on real images with two trainers, publish it, and ask it about some test images. Takes about a minute.",
            "serverless demo",
            "serverless demo --data ~/fashion-mnist           # where the Debian package is not installed",
            "serverless demo --json | tail -n 1 | jq .testAccuracy")
        {
            Data,
        };
        command.Does(async context =>
        {
            var clock = Stopwatch.StartNew();
            var data = FashionMnist.Find(context.Get(Data));
            await using var host = await context.ConnectAsync(HostNeed.Trainers, Trainers);
            return await DemoRun.RunAsync(host, data, context, clock);
        });
        return command;
    }
}
