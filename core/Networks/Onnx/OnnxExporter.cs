using System.Text.Json;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;

namespace Serverless.Core.Networks.Onnx;

/// <summary>
/// Writes a trained network as an ONNX model, from its description and its parameters alone. The model takes the dataset's raw rows and scales them itself, so that
/// whoever serves it sends pixels; its first dimension, the batch, is free.
/// </summary>
public static class OnnxExporter
{
    /// <summary>The version of ONNX's operators: the first with layer normalisation, so that as many engines as possible can run the model.</summary>
    public const int Opset = 17;

    /// <summary>The version of ONNX's file format, the one of <see cref="Opset"/>.</summary>
    public const int IrVersion = 8;

    /// <summary>The input: raw features [batch, the dataset's shape], uint8 or float32 as in the dataset.</summary>
    public const string InputName = "input";

    /// <summary>A classifier's output before the softmax: float32 [batch, classes].</summary>
    public const string LogitsName = "logits";

    /// <summary>A classifier's second output: float32 [batch, classes], each row summing to 1.</summary>
    public const string ProbabilitiesName = "probabilities";

    /// <summary>The output of a network that predicts numbers: float32 [batch, outputs].</summary>
    public const string OutputName = "output";

    private const string Preprocessing = "preprocessing";

    /// <summary>Builds the model. The parameters are referenced, not copied: they must stay as they are until the model has been written.</summary>
    /// <param name="network">The network, compiled for the dataset.</param>
    /// <param name="trainable">All trainable parameters, in layout order.</param>
    /// <param name="buffers">All buffers, in layout order.</param>
    /// <param name="dataset">A manifest of the dataset it was trained on: gives the input's type, shape and scaling, and the names of the classes.</param>
    /// <param name="loss">What it was trained with: cross-entropy makes it a classifier.</param>
    /// <param name="metadata">More properties to note in the file, such as the job. They come after <c>dataset</c>, <c>classes</c> (a JSON array) and <c>loss</c>.</param>
    /// <exception cref="ArgumentException">The parameters or the dataset's shape are not the network's.</exception>
    public static ModelProto Export(
        Network network,
        ReadOnlyMemory<float> trainable,
        ReadOnlyMemory<float> buffers,
        DatasetManifest dataset,
        LossKind loss,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        network.Layout.CheckLengths(trainable.Length, buffers.Length);
        if (!dataset.Features.Shape.SequenceEqual(network.InputShape))
        {
            throw new ArgumentException(
                $"The network takes {Shapes.Format(network.InputShape)}, dataset {dataset.Name} has {Shapes.Format([.. dataset.Features.Shape])}.", nameof(dataset));
        }

        OnnxGraph graph = new(trainable, buffers);
        graph.Proto.Name = dataset.Name;
        string input = AddInput(graph, network, dataset);
        string output = graph.AddLayers(network.Layers, input);
        if (loss == LossKind.CrossEntropy)
        {
            graph.AddOutput(output, LogitsName, network.OutputShape);
            graph.AddOutput(graph.Add(ProbabilitiesName, "Softmax", [LogitsName], OnnxAttribute.Int("axis", -1)), ProbabilitiesName, network.OutputShape);
        }
        else
        {
            graph.AddOutput(output, OutputName, network.OutputShape);
        }

        ModelProto model = new()
        {
            IrVersion = IrVersion,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = Opset } },
            ProducerName = "Serverless",
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version!.ToString(fieldCount: 3),
            Graph = graph.Proto,
        };
        AddMetadata(model, "dataset", dataset.Name);
        AddMetadata(model, "classes", JsonSerializer.Serialize(dataset.Label.Classes));
        AddMetadata(model, "loss", JsonNamingPolicy.CamelCase.ConvertName(loss.ToString()));
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
        {
            AddMetadata(model, key, value);
        }

        return model;
    }

    // Raw rows in, what the first layer takes out: x = (raw - offset) · scale, in the order and the precision in which trainers compute it.
    private static string AddInput(OnnxGraph graph, Network network, DatasetManifest dataset)
    {
        bool raw = dataset.Features.Type == FeatureType.UInt8;
        graph.AddInput(InputName, raw ? TensorProto.Types.DataType.Uint8 : TensorProto.Types.DataType.Float, network.InputShape);
        string value = raw ? graph.Add(Preprocessing, "Cast", [InputName], OnnxAttribute.Int("to", (long)TensorProto.Types.DataType.Float)) : InputName;
        if (dataset.Scaling.Offset.Any(offset => offset != 0))
        {
            value = graph.Add(Preprocessing, "Sub", [value, PerFeature("offset", dataset.Scaling.Offset)]);
        }

        if (dataset.Scaling.Scale.Any(scale => scale != 1))
        {
            value = graph.Add(Preprocessing, "Mul", [value, PerFeature("scale", dataset.Scaling.Scale)]);
        }

        return network.FirstLayerShape.Length == network.InputShape.Length
            ? value
            : graph.Add(Preprocessing, "Reshape", [value, graph.Constant($"{Preprocessing}.shape", [-1, .. network.FirstLayerShape.Select(size => (long)size)])]);

        string PerFeature(string name, IReadOnlyList<float> values) =>
            graph.Constant($"{Preprocessing}.{name}", values.Count == 1 ? [] : network.InputShape, values.ToArray());
    }

    private static void AddMetadata(ModelProto model, string key, string value) =>
        model.MetadataProps.Add(new StringStringEntryProto { Key = key, Value = value });
}
