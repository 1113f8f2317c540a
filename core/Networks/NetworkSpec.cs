using System.Buffers;
using System.Text;
using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>
/// A network as a job describes it: a list of layers, applied one after the other. In JSON <c>{"layers": [{"type": "conv2d", "filters": 32, "kernel": 3}, …]}</c>,
/// or <c>{"preset": "cnn-small"}</c> for one of <see cref="NetworkPreset"/>; a preset is replaced by its layers when it is read, so that a stored
/// job keeps meaning the same network whatever later versions call by that name.
/// </summary>
/// <param name="Layers">The layers, first to last; at least one.</param>
public sealed record NetworkSpec(IReadOnlyList<LayerSpec> Layers)
{
    /// <summary>The most layers a network may have, nested ones included.</summary>
    public const int MaximumLayers = 1000;

    /// <summary>The longest JSON text of a network.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>How deep lists of layers may be nested.</summary>
    public const int MaximumDepth = 8;

    /// <summary>Reads a network from JSON and reports everything wrong with it.</summary>
    /// <param name="network">The JSON value.</param>
    /// <param name="path">Where the value is in the user's input, for error messages.</param>
    /// <param name="errors">Where errors go; the result is of use only when none were added.</param>
    public static NetworkSpec Read(JsonElement network, string path, FieldErrors errors)
    {
        ObjectReader reader = new(network, path, errors);
        if (!reader.IsObject)
        {
            return new NetworkSpec([]);
        }

        if (!reader.TryGet("preset", out _))
        {
            NetworkSpec spec = new(LayerReader.ReadNetwork(reader));
            reader.Finish();
            return spec;
        }

        if (reader.TryGet("layers", out _))
        {
            reader.Fail("preset", "is given together with layers; legal is one of the two");
        }

        NetworkPreset preset = reader.Choice("preset", NetworkPreset.ByName, NetworkPreset.CnnSmall);
        reader.Finish();
        return preset.Network;
    }

    /// <summary>Reads a network from a JSON text.</summary>
    /// <exception cref="ValidationException">The text is no JSON or no network; lists everything that is wrong.</exception>
    public static NetworkSpec Parse(string json)
    {
        using JsonDocument document = JsonInput.Parse(Encoding.UTF8.GetBytes(json), MaximumBytes);
        FieldErrors errors = new();
        NetworkSpec network = Read(document.RootElement, "network", errors);
        errors.ThrowIfAny();
        return network;
    }

    /// <summary>Writes the network as JSON, with every field that has a value, defaults included.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteLayers(json, Layers);
        json.WriteEndObject();
    }

    /// <summary>The network as JSON.</summary>
    public override string ToString()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            Write(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <inheritdoc/>
    public bool Equals(NetworkSpec? other) => other is not null && Layers.SequenceEqual(other.Layers);

    /// <inheritdoc/>
    public override int GetHashCode() => Layers.Aggregate(0, HashCode.Combine);

    internal static void WriteLayers(Utf8JsonWriter json, IReadOnlyList<LayerSpec> layers)
    {
        json.WriteStartArray("layers");
        foreach (LayerSpec layer in layers)
        {
            layer.Write(json);
        }

        json.WriteEndArray();
    }
}
