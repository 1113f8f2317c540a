using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>The kinds of layers, by their names in JSON.</summary>
internal static class LayerCatalog
{
    private static readonly Dictionary<string, Func<LayerReader, LayerSpec>> Readers = new(StringComparer.Ordinal)
    {
        [LinearSpec.Name] = LinearSpec.Read,
        [Conv2dSpec.Name] = Conv2dSpec.Read,
        [MaxPool2dSpec.Name] = MaxPool2dSpec.Read,
        [AvgPool2dSpec.Name] = AvgPool2dSpec.Read,
        [GlobalAvgPoolSpec.Name] = _ => new GlobalAvgPoolSpec(),
        [ReluSpec.Name] = _ => new ReluSpec(),
        [GeluSpec.Name] = _ => new GeluSpec(),
        [TanhSpec.Name] = _ => new TanhSpec(),
        [SigmoidSpec.Name] = _ => new SigmoidSpec(),
        [DropoutSpec.Name] = DropoutSpec.Read,
        [BatchNorm2dSpec.Name] = BatchNorm2dSpec.Read,
        [LayerNormSpec.Name] = LayerNormSpec.Read,
        [FlattenSpec.Name] = _ => new FlattenSpec(),
        [ResidualSpec.Name] = ResidualSpec.Read,
    };

    public static IReadOnlyCollection<string> Types => Readers.Keys;

    /// <summary>Reads the layer of the given type, or reports that there is none and returns null.</summary>
    public static LayerSpec? Read(string type, LayerReader layer)
    {
        if (Readers.TryGetValue(type, out Func<LayerReader, LayerSpec>? read))
        {
            return read(layer);
        }

        layer.Fields.Fail("type", $"is \"{ObjectReader.Quote(type)}\", which is no kind of layer{Suggestion.Hint(type, Types)}; legal {string.Join(", ", Types)}");
        return null;
    }
}
