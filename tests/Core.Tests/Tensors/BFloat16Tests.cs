using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Tensors;

namespace Serverless.Core.Tests.Tensors;

public sealed class BFloat16Tests
{
    [Fact]
    public void Pack_AnyValues_RoundsEachToTheNearestAndUnpacksTheSame()
    {
        // Long enough for the vectors, and for what is left over behind them.
        var bits = from upper in Gen.Choose(0, 0xFFFF)
                   from lower in Gen.OneOf(Gen.Choose(0, 0xFFFF), Gen.Choose(0x7FFE, 0x8002))
                   select ((uint)upper << 16) | (uint)lower;
        var cases = from count in Gen.Choose(0, 100)
                    from values in Gen.ArrayOf(bits, count)
                    select Array.ConvertAll(values, BitConverter.UInt32BitsToSingle);
        Prop.ForAll(cases.ToArbitrary(), source =>
        {
            var (values, packed, unpacked) = ((float[])source.Clone(), new byte[2 * source.Length], new float[source.Length]);

            BFloat16.Pack(values, packed);
            BFloat16.Unpack(packed, unpacked);

            Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), unpacked.Select(BitConverter.SingleToUInt32Bits));
            Assert.Equal(source.Select(Nearest), values.Select(BitConverter.SingleToUInt32Bits));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0x3F80_0000u, 0x3F80u)]
    [InlineData(0x3F80_8000u, 0x3F80u)]
    [InlineData(0x3F80_8001u, 0x3F81u)]
    [InlineData(0x3F81_8000u, 0x3F82u)]
    [InlineData(0x7F7F_FFFFu, 0x7F80u)]
    [InlineData(0xFF80_0000u, 0xFF80u)]
    [InlineData(0x8000_0000u, 0x8000u)]
    [InlineData(0x0000_8001u, 0x0001u)]
    public void Pack_TiesAndEnds_AreThoseOfIeee(uint bits, uint expected)
    {
        var packed = new byte[2];
        BFloat16.Pack([BitConverter.UInt32BitsToSingle(bits)], packed);
        Assert.Equal(expected, BitConverter.ToUInt16(packed));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    public void Pack_OtherLength_Throws(int values, int bytes)
    {
        Assert.Throws<ArgumentException>(() => BFloat16.Pack(new float[values], new byte[bytes]));
        Assert.Throws<ArgumentException>(() => BFloat16.Unpack(new byte[bytes], new float[values]));
    }

    // Of the two neighbours with an empty lower half the nearer one, or the one that is even.
    private static uint Nearest(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var below = bits & 0xFFFF_0000;
        if (float.IsNaN(value))
        {
            return below | 0x0040_0000;
        }

        var rest = bits & 0xFFFF;
        return rest > 0x8000 || (rest == 0x8000 && (below & 0x1_0000) != 0) ? below + 0x1_0000 : below;
    }
}
