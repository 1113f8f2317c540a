using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Tests.Networks;
using Serverless.Trainer.Modules;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Modules;

/// <summary>The forward over flat parameters against the exported model in ONNX Runtime: two ways from the same description to the same numbers.</summary>
public sealed class ForwardTests
{
    private const int Rows = 3;

    [Fact]
    public void Evaluate_RandomNetworks_GivesWhatOnnxRuntimeGives() =>
        Check.One(RandomNetworks.Tests(150), Prop.ForAll(RandomNetworks.Cases, network => AgreesWithOnnx(network)));

    private static void AgreesWithOnnx(NetworkCase given)
    {
        var network = given.Compile();
        var random = new Random(1);
        var trainable = Values(random, network.Layout.TrainableLength, -1, 1);

        // Buffers are means and variances: positive serves both.
        var buffers = Values(random, network.Layout.BufferLength, 0.5f, 2);
        var input = Values(random, Rows * given.Input.Aggregate(1, (a, b) => a * b), -2, 2);

        var expected = RunOnnx(network, trainable, buffers, input);
        var actual = RunTorch(network, trainable, buffers, input);

        var largest = expected.Append(1).Max(Math.Abs);
        var difference = expected.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
        Assert.True(difference <= 1e-4 * largest, $"differs by {difference} where values go to {largest}: {given}");
    }

    private static float[] RunTorch(Network network, float[] trainable, float[] buffers, float[] input)
    {
        using var scope = NewDisposeScope();
        using var module = new NetworkModule(network, CPU);
        module.Parameters.Load(trainable, buffers);
        using var batch = Batches.Of(network, LabelKind.Class, Rows, input);
        var output = module.Evaluate(batch.OnDevice(Rows).Features);
        Assert.Equal([Rows, network.OutputShape[0]], output.shape);
        return output.contiguous().data<float>().ToArray();
    }

    private static float[] RunOnnx(Network network, float[] trainable, float[] buffers, float[] input)
    {
        var model = OnnxExporter.Export(network, trainable, buffers, Manifests.Floats(network), LossKind.MeanSquaredError);
        using var session = new InferenceSession(model.ToByteArray());
        var tensor = new DenseTensor<float>(input, [Rows, .. network.InputShape]);
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(OnnxExporter.InputName, tensor)]);
        return results[0].AsEnumerable<float>().ToArray();
    }

    private static float[] Values(Random random, int count, float from, float to) =>
        [.. Enumerable.Range(0, count).Select(_ => from + ((to - from) * random.NextSingle()))];
}
