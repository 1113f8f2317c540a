using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;

namespace Serverless.Core.Tests.Datasets;

public class FeatureScalerTests
{
    private static readonly Gen<float> Number = ArbMap.Default.GeneratorFor<NormalFloat>().Select(number => (float)Math.Clamp(number.Get, -1e6, 1e6));

    [Fact]
    public void Scale_BytesOfAnyLength_EqualsTheFormulaBitForBit()
    {
        Prop.ForAll(Cases(Gen.Choose(0, 255).Select(value => (byte)value)), test =>
        {
            var scaler = new FeatureScaler(new FeatureSpec { Type = FeatureType.UInt8, Shape = [test.Raw.Length] }, test.Scaling);
            var scaled = new float[test.Raw.Length];
            scaler.Scale(test.Raw, scaled);
            AssertScaled(Array.ConvertAll(test.Raw, value => (float)value), test.Scaling, scaled);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Scale_FloatsOfAnyLengthAtAnyAddress_EqualsTheFormulaBitForBit()
    {
        Prop.ForAll(Cases(Number), Gen.Choose(0, 7).ToArbitrary(), (test, shift) =>
        {
            var scaler = new FeatureScaler(new FeatureSpec { Type = FeatureType.Float32, Shape = [test.Raw.Length] }, test.Scaling);
            var row = new byte[shift + (4 * test.Raw.Length)];
            MemoryMarshal.AsBytes(test.Raw.AsSpan()).CopyTo(row.AsSpan(shift));
            var scaled = new float[test.Raw.Length];
            scaler.Scale(row.AsSpan(shift), scaled);
            AssertScaled(test.Raw, test.Scaling, scaled);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Scale_NoScaling_PassesFloatsUnchanged()
    {
        float[] raw = [1, -0.5f, float.Epsilon, 1e30f];
        var scaled = new float[4];
        new FeatureScaler(new FeatureSpec { Type = FeatureType.Float32, Shape = [4] }, ScalingSpec.None).Scale(MemoryMarshal.AsBytes(raw.AsSpan()), scaled);
        Assert.Equal(raw, scaled);
    }

    private static Arbitrary<(T[] Raw, ScalingSpec Scaling)> Cases<T>(Gen<T> values) => Arb.From(
        from count in Gen.Choose(1, 100)
        from raw in Gen.ArrayOf(values, count)
        from width in Gen.Elements(1, count)
        from offset in Gen.ArrayOf(Number, width)
        from scale in Gen.ArrayOf(Number, width)
        select (raw, new ScalingSpec { Offset = offset, Scale = scale }));

    private static void AssertScaled(float[] raw, ScalingSpec scaling, float[] scaled)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var expected = (raw[i] - scaling.Offset[scaling.Offset.Count == 1 ? 0 : i]) * scaling.Scale[scaling.Scale.Count == 1 ? 0 : i];
            Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(scaled[i]));
        }
    }
}
