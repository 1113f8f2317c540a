using Serverless.Cli.Demo;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Spectre.Console;

namespace Serverless.Cli.Tests.Demo;

public sealed class DemoTests
{
    [Fact]
    public void JobSpec_Embedded_IsTheJobThatTheReadmeTellsOf()
    {
        var spec = JobSpec.Parse(DemoRun.JobSpec());

        Assert.Equal((4, 2.0, FashionMnist.Dataset), (spec.Shards, spec.Epochs!.Value, spec.Dataset));
        var network = Network.Compile(spec.Network, [1, FashionMnist.Side, FashionMnist.Side], FashionMnist.Classes.Count);
        Assert.Equal([32, 64, 128, 10], network.Layers.Where(layer => layer.Parameters.Count > 0).Select(layer => layer.Parameters[0].Shape[0]));
    }

    [Fact]
    public void Gallery_NoTerminal_DrawsInCharacters()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 400;
        var dark = new byte[FashionMnist.Side * FashionMnist.Side];
        var light = dark.Select(_ => byte.MaxValue).ToArray();

        Gallery.Show(console, [new DemoPrediction(0, "Bag", "Bag", 0.98, light), new DemoPrediction(1, "Coat", "Shirt", 0.5, dark)], isTerminal: false);

        var lines = output.ToString().Split('\n');
        Assert.Equal(new string('@', FashionMnist.Side), lines[0].TrimEnd());
        Assert.Equal(FashionMnist.Side / 2, lines.Count(line => line.StartsWith('@')));
        Assert.StartsWith("Bag ", lines[FashionMnist.Side / 2], StringComparison.Ordinal);
        Assert.Contains("NOT Coat", lines[FashionMnist.Side / 2], StringComparison.Ordinal);
        Assert.Contains("it is: Shirt", lines[(FashionMnist.Side / 2) + 1], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }
}
