using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Core.Tests.Networks;

public sealed class OnnxExporterTests
{
    private static readonly string[] Classes = ["shirt", "\"boot\"", "ЁЖ"];

    [Fact]
    public void Export_AnyNetwork_RunsInOnnxRuntimeAndAgreesWithTheDefinitions() =>
        Prop.ForAll(
            RandomNetworks.Cases,
            Arb.From(Gen.Elements(FeatureType.UInt8, FeatureType.Float32)),
            Arb.From(Gen.Choose(0, 1_000_000)),
            (NetworkCase network, FeatureType type, int seed) => CheckAgainstReference(network, type, new Random(seed))).Check(RandomNetworks.Tests(300));

    public static TheoryData<string> PresetNames => [.. NetworkPreset.All.Select(preset => preset.Name)];

    [Theory]
    [MemberData(nameof(PresetNames))]
    public void Export_Preset_RunsInOnnxRuntimeAndAgreesWithTheDefinitions(string preset) =>
        CheckAgainstReference(new NetworkCase(NetworkPreset.ByName[preset].Network, [3, 12, 12], 4), FeatureType.UInt8, new Random(7));

    [Fact]
    public void Export_Classifier_GivesLogitsAndProbabilitiesForAnyBatch()
    {
        Network network = Network.Compile(NetworkPreset.Mlp.Network, [2, 2], outputs: 3);
        using InferenceSession session = Open(network, Dataset([2, 2], FeatureType.UInt8, [0], [1 / 255f]), LossKind.CrossEntropy);
        Assert.Equal([OnnxExporter.InputName], session.InputNames);
        Assert.Equal([OnnxExporter.LogitsName, OnnxExporter.ProbabilitiesName], session.OutputNames);
        NodeMetadata input = session.InputMetadata[OnnxExporter.InputName];
        Assert.Equal(typeof(byte), input.ElementType);
        Assert.Equal([-1, 2, 2], input.Dimensions);
        Assert.Equal([-1, 3], session.OutputMetadata[OnnxExporter.ProbabilitiesName].Dimensions);
        foreach (int batch in new[] { 1, 5 })
        {
            DenseTensor<byte> rows = new(Enumerable.Range(0, batch * 4).Select(i => (byte)(i * 40)).ToArray(), [batch, 2, 2]);
            using var outputs = session.Run([NamedOnnxValue.CreateFromTensor(OnnxExporter.InputName, rows)]);
            float[][] logits = [.. outputs[0].AsEnumerable<float>().Chunk(3)], probabilities = [.. outputs[1].AsEnumerable<float>().Chunk(3)];
            Assert.Equal(batch, logits.Length);
            foreach (var (row, softmax) in logits.Zip(probabilities))
            {
                double sum = row.Sum(value => Math.Exp(value));
                Assert.All(row.Zip(softmax), pair => Assert.Equal(Math.Exp(pair.First) / sum, pair.Second, 1e-6));
            }
        }
    }

    [Fact]
    public void Export_Regression_GivesOneOutput()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 2);
        using InferenceSession session = Open(network, Dataset([4], FeatureType.Float32, [0], [1]), LossKind.MeanSquaredError);
        Assert.Equal([OnnxExporter.OutputName], session.OutputNames);
        Assert.Equal(typeof(float), session.InputMetadata[OnnxExporter.InputName].ElementType);
    }

    [Fact]
    public void Export_Metadata_NamesProducerDatasetClassesAndWhatTheCallerAdds()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 3);
        DatasetManifest dataset = Dataset([4], FeatureType.Float32, [0], [1]);
        ModelProto model = OnnxExporter.Export(
            network, new float[network.Layout.TrainableLength], default, dataset, LossKind.CrossEntropy, new Dictionary<string, string> { ["job"] = "20261120-183000-x7k2m9q4" });
        using InferenceSession session = new(model.ToByteArray());
        ModelMetadata metadata = session.ModelMetadata;
        Assert.Equal("Serverless", metadata.ProducerName);
        Assert.Equal(dataset.Name, metadata.CustomMetadataMap["dataset"]);
        Assert.Equal(Classes, System.Text.Json.JsonSerializer.Deserialize<string[]>(metadata.CustomMetadataMap["classes"]));
        Assert.Equal("crossEntropy", metadata.CustomMetadataMap["loss"]);
        Assert.Equal("20261120-183000-x7k2m9q4", metadata.CustomMetadataMap["job"]);
    }

    [Fact]
    public void Export_IdentityScalingOfFloats_AddsNoOperator()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 3);
        float[] trainable = new float[network.Layout.TrainableLength];
        ModelProto plain = OnnxExporter.Export(network, trainable, default, Dataset([4], FeatureType.Float32, [0, 0, 0, 0], [1, 1, 1, 1]), LossKind.CrossEntropy);
        ModelProto scaled = OnnxExporter.Export(network, trainable, default, Dataset([4], FeatureType.UInt8, [1], [2]), LossKind.CrossEntropy);
        Assert.Equal(["Gemm", "Identity", "Softmax", "Identity"], plain.Graph.Node.Select(node => node.OpType));
        Assert.Equal(["Cast", "Sub", "Mul", "Gemm", "Identity", "Softmax", "Identity"], scaled.Graph.Node.Select(node => node.OpType));
    }

    [Fact]
    public void Export_Parameters_AreReferencedNotCopied()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 3);
        float[] trainable = new float[network.Layout.TrainableLength];
        ModelProto model = OnnxExporter.Export(network, trainable, default, Dataset([4], FeatureType.Float32, [0], [1]), LossKind.CrossEntropy);
        trainable[0] = 42;
        TensorProto weight = model.Graph.Initializer.Single(tensor => tensor.Name == "layers.1.weight");
        Assert.Equal(42, BitConverter.ToSingle(weight.RawData.Span));
        Assert.Equal([3, 4], weight.Dims);
    }

    [Fact]
    public void Export_ForeignParametersOrDataset_IsRefused()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 3);
        float[] trainable = new float[network.Layout.TrainableLength];
        Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, new float[3], default, Dataset([4], FeatureType.Float32, [0], [1]), LossKind.CrossEntropy));
        Assert.Throws<ArgumentException>(() => OnnxExporter.Export(network, trainable, default, Dataset([2, 2], FeatureType.Float32, [0], [1]), LossKind.CrossEntropy));
    }

    private static void CheckAgainstReference(NetworkCase network, FeatureType type, Random random)
    {
        Network compiled = network.Compile();
        var (trainable, buffers) = RandomParameters(compiled, random);
        int features = (int)Shapes.Elements(network.Input), batch = random.Next(1, 4);
        int scales = random.Next(2) == 0 ? 1 : features;
        float[] offset = [.. Enumerable.Range(0, scales).Select(_ => random.Next(3) == 0 ? 0 : random.NextSingle() * 10)];
        float[] scale = [.. Enumerable.Range(0, scales).Select(_ => random.Next(3) == 0 ? 1 : random.NextSingle() / 10)];
        byte[] bytes = new byte[batch * features];
        random.NextBytes(bytes);
        float[] rows = [.. bytes.Select(value => type == FeatureType.UInt8 ? value : (value - 128) / 64f)];

        DatasetManifest dataset = Dataset(network.Input, type, offset, scale);
        using InferenceSession session = Open(compiled, dataset, LossKind.MeanSquaredError, trainable, buffers);
        int[] shape = [batch, .. network.Input];
        using var outputs = session.Run(
        [
            type == FeatureType.UInt8
                ? NamedOnnxValue.CreateFromTensor(OnnxExporter.InputName, new DenseTensor<byte>(bytes, shape))
                : NamedOnnxValue.CreateFromTensor(OnnxExporter.InputName, new DenseTensor<float>(rows, shape)),
        ]);

        ReferenceForward reference = new(compiled, trainable, buffers);
        double[] expected =
        [
            .. rows.Chunk(features).SelectMany(row => reference.Run([.. row.Select((value, i) => (double)((value - offset[i % scales]) * scale[i % scales]))])),
        ];
        float[] actual = [.. outputs[0].AsEnumerable<float>()];
        Assert.Equal(expected.Length, actual.Length);
        double tolerance = 1e-3 * (1 + expected.Max(Math.Abs));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    // Around the initialisation, but with nothing left at zero or one.
    private static (float[] Trainable, float[] Buffers) RandomParameters(Network network, Random random)
    {
        float[] trainable = new float[network.Layout.TrainableLength], buffers = new float[network.Layout.BufferLength];
        Initialisation.Fill(network, random.Next(), trainable, buffers);
        foreach (ref float value in trainable.AsSpan())
        {
            value += (random.NextSingle() - 0.5f) * 0.2f;
        }

        foreach (ref float value in buffers.AsSpan())
        {
            value += random.NextSingle();
        }

        return (trainable, buffers);
    }

    private static InferenceSession Open(Network network, DatasetManifest dataset, LossKind loss)
    {
        var (trainable, buffers) = RandomParameters(network, new Random(1));
        return Open(network, dataset, loss, trainable, buffers);
    }

    private static InferenceSession Open(Network network, DatasetManifest dataset, LossKind loss, float[] trainable, float[] buffers)
    {
        using SessionOptions options = new() { IntraOpNumThreads = 1 };
        return new InferenceSession(OnnxExporter.Export(network, trainable, buffers, dataset, loss).ToByteArray(), options);
    }

    private static DatasetManifest Dataset(int[] shape, FeatureType type, float[] offset, float[] scale)
    {
        FeatureSpec features = new() { Type = type, Shape = shape };
        LabelSpec label = new() { Kind = LabelKind.Class, Classes = Classes };
        return new DatasetManifest
        {
            Name = "fashion",
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
