using System.Runtime.InteropServices;
using Google.Protobuf;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Tests.Networks;
using Serverless.Optimization.Data;

namespace Serverless.Optimization.Tests;

/// <summary>Models with the parameters that training begins with, and rows for them.</summary>
internal static class SampleModels
{
    public static byte[] Export(NetworkCase network, FeatureType type, float[]? offset = null, float[]? scale = null, LossKind loss = LossKind.CrossEntropy)
    {
        var compiled = network.Compile();
        float[] trainable = new float[compiled.Layout.TrainableLength], buffers = new float[compiled.Layout.BufferLength];
        Initialisation.Fill(compiled, 7, trainable, buffers);
        var manifest = Manifest(network, type, offset ?? [0], scale ?? [type == FeatureType.UInt8 ? 1 / 255f : 1]);
        return OnnxExporter.Export(compiled, trainable, buffers, manifest, loss, new Dictionary<string, string> { ["job"] = "a job" }).ToByteArray();
    }

    public static byte[] Export(string layers, int[] input, int outputs, FeatureType type = FeatureType.Float32) =>
        Export(new NetworkCase(NetworkSpec.Parse($$"""{"layers": [{{layers}}]}"""), input, outputs), type);

    public static SampleRows Rows(NetworkCase network, FeatureType type, int count, int seed = 1)
    {
        var random = new Random(seed);
        var elements = count * (int)Shapes.Elements(network.Input);
        if (type == FeatureType.UInt8)
        {
            var bytes = new byte[elements];
            random.NextBytes(bytes);
            return new SampleRows(bytes, count);
        }

        return Floats([.. Enumerable.Range(0, elements).Select(_ => (random.NextSingle() * 2) - 1)], count);
    }

    public static SampleRows Rows(int[] input, int count, FeatureType type = FeatureType.Float32) => Rows(new NetworkCase(new NetworkSpec([]), input, 1), type, count);

    public static SampleRows Floats(float[] values, int count) => new(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), count);

    private static DatasetManifest Manifest(NetworkCase network, FeatureType type, float[] offset, float[] scale)
    {
        FeatureSpec features = new() { Type = type, Shape = network.Input };
        LabelSpec label = new() { Kind = LabelKind.Class, Classes = [.. Enumerable.Range(0, network.Outputs).Select(index => $"{index}")] };
        return new DatasetManifest
        {
            Name = "samples",
            Split = DatasetSplits.Train,
            Rows = 0,
            RowBytes = features.Bytes + label.Bytes,
            Features = features,
            Label = label,
            Scaling = new ScalingSpec { Offset = offset, Scale = scale },
            PartRows = 1,
            Parts = [],
        };
    }
}
