using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>Reads a list of layers from JSON, and gives each kind of layer its fields.</summary>
internal sealed class LayerReader
{
    private readonly LayerCount _count;
    private readonly int _depth;

    private LayerReader(ObjectReader fields, LayerCount count, int depth)
    {
        Fields = fields;
        _count = count;
        _depth = depth;
    }

    /// <summary>The fields of the layer being read.</summary>
    public ObjectReader Fields { get; }

    /// <summary>Reads the field <c>layers</c> of a network.</summary>
    public static IReadOnlyList<LayerSpec> ReadNetwork(ObjectReader network) => ReadList(network, new LayerCount(), depth: 0);

    /// <summary>Reads the field <c>layers</c> of the layer being read.</summary>
    public IReadOnlyList<LayerSpec> ReadNested()
    {
        if (_depth < NetworkSpec.MaximumDepth)
        {
            return ReadList(Fields, _count, _depth + 1);
        }

        Fields.TryGet("layers", out _);
        Fields.Fail("layers", $"is nested {_depth + 1} deep; legal 0..{NetworkSpec.MaximumDepth}");
        return [];
    }

    private static List<LayerSpec> ReadList(ObjectReader owner, LayerCount count, int depth)
    {
        if (!owner.TryGet("layers", out JsonElement list))
        {
            owner.Missing("layers", "a list of layers");
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            owner.Fail("layers", $"is {ObjectReader.Describe(list)}; a list of 1..{NetworkSpec.MaximumLayers} layers is needed");
            return [];
        }

        List<LayerSpec> layers = [];
        foreach (var (index, element) in list.EnumerateArray().Index())
        {
            if (++count.Value > NetworkSpec.MaximumLayers)
            {
                // Said once, by the layer that crosses the line; the rest is not read.
                if (count.Value == NetworkSpec.MaximumLayers + 1)
                {
                    owner.Fail("layers", $"brings the network to more than {NetworkSpec.MaximumLayers} layers; legal 1..{NetworkSpec.MaximumLayers}, nested ones included");
                }

                break;
            }

            ObjectReader fields = new(element, $"{owner.PathOf("layers")}[{index}]", owner.Errors);
            if (ReadLayer(new LayerReader(fields, count, depth)) is { } layer)
            {
                layers.Add(layer);
            }
        }

        return layers;
    }

    private static LayerSpec? ReadLayer(LayerReader layer)
    {
        if (!layer.Fields.IsObject)
        {
            return null;
        }

        string type = layer.Fields.Text("type", $"one of {string.Join(", ", LayerCatalog.Types)}");
        if (type.Length == 0 || LayerCatalog.Read(type, layer) is not { } spec)
        {
            return null;
        }

        layer.Fields.Finish();
        return spec;
    }

    private sealed class LayerCount
    {
        public int Value { get; set; }
    }
}
