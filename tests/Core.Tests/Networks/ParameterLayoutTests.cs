using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Networks;

namespace Serverless.Core.Tests.Networks;

public sealed class ParameterLayoutTests
{
    [Fact]
    public void Slots_AnyNetwork_CoverBothRegionsWithoutGaps() =>
        Prop.ForAll(RandomNetworks.Cases, (NetworkCase network) =>
        {
            ParameterLayout layout = network.Compile().Layout;
            foreach (var (region, length) in new[] { (ParameterRegion.Trainable, layout.TrainableLength), (ParameterRegion.Buffer, layout.BufferLength) })
            {
                int end = 0;
                foreach (ParameterSlot slot in layout.Slots.Where(slot => slot.Region == region))
                {
                    Assert.Equal(end, slot.Offset);
                    Assert.Equal(Shapes.Elements(slot.Shape), slot.Length);
                    Assert.Same(slot, layout[slot.Name]);
                    end += slot.Length;
                }

                Assert.Equal(length, end);
            }
        }).Check(RandomNetworks.Tests(200));

    [Fact]
    public void Sha256_Values_IsOfTheirLittleEndianBytesTrainableFirst()
    {
        ParameterLayout layout = Network.Compile(NetworkPreset.ResNetSmall.Network, [1, 8, 8], outputs: 2).Layout;
        float[] trainable = [.. Enumerable.Range(0, layout.TrainableLength).Select(i => i * 0.5f)];
        float[] buffers = [.. Enumerable.Range(0, layout.BufferLength).Select(i => -i * 0.25f)];
        byte[] bytes = [.. trainable.Concat(buffers).SelectMany(BitConverter.GetBytes)];
        Assert.Equal(Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant(), layout.Sha256(trainable, buffers));
    }

    [Fact]
    public void Sha256_WrongLength_IsRefused()
    {
        ParameterLayout layout = Network.Compile(NetworkPreset.Mlp.Network, [4], outputs: 2).Layout;
        Assert.Throws<ArgumentException>(() => layout.Sha256(new float[layout.TrainableLength - 1], []));
        Assert.Throws<ArgumentException>(() => layout.Sha256(new float[layout.TrainableLength], [1]));
    }
}
