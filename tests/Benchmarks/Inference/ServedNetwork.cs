using System.Runtime.InteropServices;
using Google.Protobuf;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Benchmarks.Inference;

/// <summary>A network as both sides serve it. Its parameters are those it would begin its training with: what they are makes no difference to the time.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Title">What tables call it.</param>
/// <param name="Onnx">The model.</param>
/// <param name="Type">Element type of its input.</param>
/// <param name="Shape">Dimensions of one row of its input.</param>
internal sealed record ServedNetwork(string Name, string Title, byte[] Onnx, FeatureType Type, int[] Shape)
{
    /// <summary>The demo's perceptron: pixels in, ten classes out.</summary>
    public static ServedNetwork Perceptron { get; } = Build("perceptron", "perceptron 784-256-128-10", NetworkPreset.Mlp.Network, FeatureType.UInt8, [1, 28, 28], classes: 10);

    /// <summary>A perceptron whose weights, 33 MB, do not fit in a core's caches: batching reads them once for many requests.</summary>
    public static ServedNetwork Wide { get; } = Build(
        "wide",
        "perceptron 1024-2048-2048-1000",
        new NetworkSpec([new LinearSpec(2048), new ReluSpec(), new LinearSpec(2048), new ReluSpec(), new LinearSpec()]),
        FeatureType.Float32,
        [1024],
        classes: 1000);

    /// <summary>The demo's convolutional network.</summary>
    public static ServedNetwork Convolutional { get; } = Build("cnn", "small convolutional network", NetworkPreset.CnnSmall.Network, FeatureType.UInt8, [1, 28, 28], classes: 10);

    /// <summary>Bytes of one row of the input.</summary>
    public int RowBytes => Shape.Aggregate(1, (product, dimension) => product * dimension) * (Type == FeatureType.UInt8 ? 1 : sizeof(float));

    /// <summary>The protocol's name of the input's element type.</summary>
    public string Datatype => Type == FeatureType.UInt8 ? "UINT8" : "FP32";

    /// <summary>A row as a client would send it.</summary>
    public byte[] Row()
    {
        var random = new Random(7);
        var row = new byte[RowBytes];
        if (Type == FeatureType.UInt8)
        {
            random.NextBytes(row);
        }
        else
        {
            foreach (ref var value in MemoryMarshal.Cast<byte, float>(row.AsSpan()))
            {
                value = random.NextSingle();
            }
        }

        return row;
    }

    private static ServedNetwork Build(string name, string title, NetworkSpec spec, FeatureType type, int[] shape, int classes)
    {
        var network = Network.Compile(spec, shape, classes);
        var trainable = new float[network.Layout.TrainableLength];
        var buffers = new float[network.Layout.BufferLength];
        Initialisation.Fill(network, seed: 1, trainable, buffers);
        var features = new FeatureSpec { Type = type, Shape = shape };
        var label = new LabelSpec { Kind = LabelKind.Class, Classes = [.. Enumerable.Range(0, classes).Select(index => $"class {index}")] };
        var dataset = new DatasetManifest
        {
            Name = name,
            Split = DatasetSplits.Train,
            Rows = 0,
            RowBytes = features.Bytes + label.Bytes,
            Features = features,
            Label = label,
            Scaling = type == FeatureType.UInt8 ? new ScalingSpec { Offset = [0], Scale = [1f / 255] } : ScalingSpec.None,
            PartRows = 1,
            Parts = [],
        };
        return new ServedNetwork(name, title, OnnxExporter.Export(network, trainable, buffers, dataset, LossKind.CrossEntropy).ToByteArray(), type, shape);
    }
}
