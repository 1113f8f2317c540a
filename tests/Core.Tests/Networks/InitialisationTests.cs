using System.Numerics.Tensors;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;

namespace Serverless.Core.Tests.Networks;

public sealed class InitialisationTests
{
    [Fact]
    public void Fill_SameSeed_GivesTheSameBitsOnEveryMachine()
    {
        // Pinned, and computed a second time with numpy: a job's parameters must not depend on where its first checkpoint was written.
        Network network = Network.Compile(NetworkPreset.CnnSmall.Network, [1, 28, 28], outputs: 10);
        Assert.Equal("bfeb66cd0e6009b6af92927b110495b753fd392f7e7e37e85c7ab5d67a949910", Sha256(network, seed: 1));
        Assert.NotEqual(Sha256(network, seed: 1), Sha256(network, seed: 2));
        Assert.NotEqual(Sha256(network, seed: 1), Sha256(network, seed: 1L << 32));
        Assert.NotEqual(Sha256(network, seed: 1), Sha256(network, seed: -1));
    }

    [Theory]
    [InlineData("layers.0.weight", 9)]
    [InlineData("layers.0.bias", 9)]
    [InlineData("layers.3.weight", 288)]
    [InlineData("layers.7.weight", 3136)]
    [InlineData("layers.7.bias", 3136)]
    public void Fill_WeightsAndBiases_AreUniformWithinPyTorchsBound(string name, int fanIn)
    {
        Network network = Network.Compile(NetworkPreset.CnnSmall.Network, [1, 28, 28], outputs: 10);
        ParameterSlot slot = network.Layout[name];
        float[] trainable = new float[network.Layout.TrainableLength];
        double sum = 0, squares = 0, count = 0;
        for (long seed = 0; count < 20_000; seed++)
        {
            Initialisation.Fill(network, seed, trainable, []);
            foreach (float value in slot.Of(trainable.AsSpan()))
            {
                sum += value;
                squares += value * value;
                count++;
            }

            Assert.InRange(MathF.Abs(TensorPrimitives.MaxMagnitude<float>(slot.Of(trainable.AsSpan()))), 0, 1 / MathF.Sqrt(fanIn));
        }

        // Uniform in ±b has the mean 0 and the variance b²/3; with 20,000 values these bounds are five standard errors wide.
        double bound = 1 / Math.Sqrt(fanIn);
        Assert.Equal(0, sum / count, 5 * bound / Math.Sqrt(3 * count));
        Assert.Equal(1.0 / 3, squares / count / (bound * bound), 5 * Math.Sqrt(4.0 / 45 / count));
    }

    [Fact]
    public void Fill_Normalisations_BeginAsTheIdentity()
    {
        Network network = Network.Compile(
            new NetworkSpec([new BatchNorm2dSpec(), new LayerNormSpec(), new GlobalAvgPoolSpec(), new LinearSpec()]), [3, 4, 4], outputs: 2);
        float[] trainable = new float[network.Layout.TrainableLength], buffers = new float[network.Layout.BufferLength];
        Initialisation.Fill(network, seed: 3, trainable, buffers);
        foreach (string layer in new[] { "layers.0", "layers.1" })
        {
            Assert.All(network.Layout[$"{layer}.weight"].Of(trainable.AsSpan()).ToArray(), value => Assert.Equal(1, value));
            Assert.All(network.Layout[$"{layer}.bias"].Of(trainable.AsSpan()).ToArray(), value => Assert.Equal(0, value));
        }

        Assert.Equal([0, 0, 0, 1, 1, 1], buffers);
    }

    [Fact]
    public void Fill_SameParameterInAnotherNetwork_HasTheSameValues()
    {
        Network small = Network.Compile(new NetworkSpec([new LinearSpec(7), new LinearSpec()]), [5], outputs: 2);
        Network large = Network.Compile(new NetworkSpec([new LinearSpec(7), new LinearSpec(9), new LinearSpec()]), [5], outputs: 2);
        Assert.Equal(Values(small, "layers.0.bias"), Values(large, "layers.0.bias"));
        Assert.NotEqual(Values(small, "layers.0.bias"), Values(small, "layers.0.weight").Take(7));

        static float[] Values(Network network, string name)
        {
            float[] trainable = new float[network.Layout.TrainableLength];
            Initialisation.Fill(network, seed: 11, trainable, []);
            return network.Layout[name].Of(trainable.AsSpan()).ToArray();
        }
    }

    [Fact]
    public void Fill_WrongLength_IsRefused()
    {
        Network network = Network.Compile(NetworkPreset.Logistic.Network, [4], outputs: 2);
        Assert.Throws<ArgumentException>(() => Initialisation.Fill(network, 1, new float[9], []));
    }

    private static string Sha256(Network network, long seed)
    {
        float[] trainable = new float[network.Layout.TrainableLength], buffers = new float[network.Layout.BufferLength];
        Initialisation.Fill(network, seed, trainable, buffers);
        return network.Layout.Sha256(trainable, buffers);
    }
}
