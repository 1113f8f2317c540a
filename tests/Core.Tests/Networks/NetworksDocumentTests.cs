using System.Text.Json;
using System.Text.RegularExpressions;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Networks;

/// <summary>docs/networks.md says what the code does.</summary>
public sealed partial class NetworksDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "networks.md"));

    [Fact]
    public void Example_FitsAnImageDataset()
    {
        string example = JsonBlock().Match(Document).Groups[1].Value;
        Assert.Equal([10], Network.Compile(NetworkSpec.Parse(example), [28, 28], outputs: 10).OutputShape);
    }

    [Fact]
    public void Tables_NameEveryPresetWithItsSummary() =>
        Assert.All(NetworkPreset.All, preset => Assert.Contains($"| `{preset.Name}` | {preset.Summary} |", Document, StringComparison.Ordinal));

    [Fact]
    public void Tables_NameEveryLayerAndEachOfItsFields()
    {
        LayerSpec[] layers =
        [
            new LinearSpec(1), new Conv2dSpec(1, new Size2(1)), new MaxPool2dSpec(new Size2(1)), new AvgPool2dSpec(new Size2(1)), new GlobalAvgPoolSpec(), new BatchNorm2dSpec(),
            new LayerNormSpec(1), new ReluSpec(), new GeluSpec(), new TanhSpec(), new SigmoidSpec(), new DropoutSpec(), new FlattenSpec(), new ResidualSpec([new ReluSpec()]),
        ];
        Assert.Equal(LayerCatalog.Types.Order(), layers.Select(layer => layer.Type).Order());
        foreach (LayerSpec layer in layers)
        {
            using JsonDocument json = JsonDocument.Parse(new NetworkSpec([layer]).ToString());
            string row = Assert.Single(Document.Split('\n'), line => line.StartsWith('|') && line.Split('|')[1].Contains($"`{layer.Type}`", StringComparison.Ordinal));
            IEnumerable<string> fields = json.RootElement.GetProperty("layers")[0].EnumerateObject().Select(field => field.Name).Where(name => name != "type");
            if (!row.Contains("as `maxPool2d`", StringComparison.Ordinal))
            {
                Assert.All(fields, field => Assert.Contains($"`{field}`", row, StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Limits_AreTheCodes() => Assert.Contains(
        $"{NetworkSpec.MaximumLayers} layers in all, nested {NetworkSpec.MaximumDepth} deep; {LayerScope.MaximumElements} values a sample between two layers; {ParameterLayout.MaximumLength} parameters",
        Document,
        StringComparison.Ordinal);

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Serverless.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
