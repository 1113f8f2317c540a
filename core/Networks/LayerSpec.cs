using System.Text.Json;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Networks;

/// <summary>
/// One layer as a job describes it: its fields, no sizes that follow from its input. A kind of layer is one record in <c>Layers/</c> that knows everything core has
/// to know about it (JSON, shapes, parameters, ONNX) and one line in <see cref="LayerCatalog"/>; the trainer maps it to torch.
/// </summary>
public abstract record LayerSpec
{
    /// <summary>The kind's name in JSON, such as <c>conv2d</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Whether the layer, or one inside it, needs an image [channels, height, width]. A network with such a layer takes a [height, width] input as one channel.</summary>
    internal virtual bool NeedsImage => false;

    /// <summary>Writes the fields after <c>type</c>.</summary>
    internal virtual void WriteFields(Utf8JsonWriter json)
    {
    }

    /// <summary>Works out the layer's output shape, parameters and cost for the input in <paramref name="scope"/>.</summary>
    /// <exception cref="Validation.ValidationException">The layer cannot take this input.</exception>
    internal abstract LayerNode Compile(LayerScope scope);

    /// <summary>Adds the layer's operators to an ONNX graph.</summary>
    /// <returns>The name of the layer's output value.</returns>
    internal abstract string Emit(OnnxGraph graph, LayerNode node, string input);

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type", Type);
        WriteFields(json);
        json.WriteEndObject();
    }
}
