using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Rounds;

namespace Serverless.Core.Tests.Rounds;

/// <remarks>Expected parameters were computed with PyTorch 1.13.0 (torch.optim.SGD, Adam, AdamW and torch.nn.utils.clip_grad_norm_) from these parameters and gradients.</remarks>
public sealed class OptimizersTests
{
    private const float Tolerance = 5e-7f;

    private static readonly float[] Start = [0.5f, -1.25f, 2.0f, 0.001f];

    private static readonly float[][] Gradients = [[0.1f, -0.2f, 0.3f, 4.0f], [-0.5f, 0.25f, 0.0f, 1.5f], [1.0f, -1.0f, 0.125f, -2.0f]];

    public static TheoryData<float, bool, float, float[]> SgdCases => new()
    {
        { 0, false, 0, [0.440000027f, -1.15499997f, 1.95749998f, -0.349000037f] },
        { 0, false, 0.05f, [0.432387173f, -1.13641798f, 1.92794907f, -0.344274968f] },
        { 0.9f, false, 0, [0.467900008f, -1.14329994f, 1.90620005f, -1.16799998f] },
        { 0.9f, false, 0.01f, [0.465085387f, -1.13634455f, 1.89510357f, -1.16633594f] },
        { 0.9f, true, 0.01f, [0.407014847f, -1.04904175f, 1.85731864f, -1.39645004f] },
    };

    public static TheoryData<double, double, double, double, bool, float[]> AdamCases => new()
    {
        { 0.9, 0.999, 1e-8, 0, false, [0.492392123f, -1.23592627f, 1.97605991f, -0.0213978402f] },
        { 0.8, 0.95, 1e-6, 0.1, false, [0.490679592f, -1.2296797f, 1.97201312f, -0.0204091035f] },
        { 0.9, 0.999, 1e-8, 0.1, true, [0.490907639f, -1.23219836f, 1.97009277f, -0.0213719588f] },
    };

    [Theory]
    [MemberData(nameof(SgdCases))]
    public void Sgd_ThreeSteps_EqualsTorch(float momentum, bool nesterov, float weightDecay, float[] expected)
    {
        var parameters = (float[])Start.Clone();
        var buffer = new float[momentum == 0 ? 0 : Start.Length];

        foreach (var gradient in Gradients)
        {
            Optimizers.Sgd(parameters, (float[])gradient.Clone(), buffer, 0.1f, momentum, nesterov, weightDecay);
        }

        AssertClose(expected, parameters);
    }

    [Theory]
    [MemberData(nameof(AdamCases))]
    public void Adam_ThreeSteps_EqualsTorch(double beta1, double beta2, double epsilon, double weightDecay, bool decoupled, float[] expected)
    {
        var parameters = (float[])Start.Clone();
        var (mean, square) = (new float[Start.Length], new float[Start.Length]);

        for (var step = 0; step < Gradients.Length; step++)
        {
            Optimizers.Adam(parameters, (float[])Gradients[step].Clone(), mean, square, step + 1, 0.01, beta1, beta2, epsilon, weightDecay, decoupled);
        }

        AssertClose(expected, parameters);
    }

    [Fact]
    public void ClipNorm_BeforeSgdWithMomentum_EqualsTorch()
    {
        var parameters = (float[])Start.Clone();
        var buffer = new float[Start.Length];

        foreach (var gradient in Gradients)
        {
            var clipped = (float[])gradient.Clone();
            Optimizers.ClipNorm(clipped, 1);
            Optimizers.Sgd(parameters, clipped, buffer, 0.1f, 0.9f, false, 0);
        }

        AssertClose([0.511828721f, -1.2254101f, 1.97466683f, -0.36531648f], parameters);
    }

    [Fact]
    public void ClipNorm_ShorterGradient_StaysAsItIs()
    {
        float[] gradient = [3, 4];

        Assert.Equal(5, Optimizers.ClipNorm(gradient, 6), 12);
        Assert.Equal([3f, 4f], gradient);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1003)]
    public void ClipNorm_AnyLength_CountsEveryElement(int length)
    {
        float[] gradient = [.. Enumerable.Range(1, length).Select(i => (float)i)];

        Assert.Equal(Math.Sqrt(Enumerable.Range(1, length).Sum(i => (double)i * i)), Optimizers.ClipNorm(gradient, double.MaxValue), 9);
    }

    [Fact]
    public void ClipNorm_GreatGradient_DoesNotOverflow()
    {
        float[] gradient = [1e30f, -1e30f];

        Assert.Equal(Math.Sqrt(2) * 1e30, Optimizers.ClipNorm(gradient, 1), 1e24);
        Assert.Equal(Math.Sqrt(0.5), gradient[0], 6);
    }

    [Fact]
    public void Sgd_AnyLength_WorksOnEveryElementAlike()
    {
        // Longer than a piece and no multiple of any vector: each element must come out as if it were alone.
        Prop.ForAll(Gen.Choose(1, 20_000).ToArbitrary(), length =>
        {
            var random = new Random(length);
            var (p, g, m) = (Values(random, length), Values(random, length), Values(random, length));
            var last = length - 1;
            float[] p1 = [p[last]], g1 = [g[last]], m1 = [m[last]];

            Optimizers.Sgd(p, g, m, 0.1f, 0.9f, nesterov: true, 0.01f);
            Optimizers.Sgd(p1, g1, m1, 0.1f, 0.9f, nesterov: true, 0.01f);

            Assert.Equal((p1[0], m1[0]), (p[last], m[last]));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Adam_AnyLength_WorksOnEveryElementAlike()
    {
        Prop.ForAll(Gen.Choose(1, 20_000).ToArbitrary(), length =>
        {
            var random = new Random(length);
            var (p, g, m, v) = (Values(random, length), Values(random, length), Values(random, length), Values(random, length).Select(MathF.Abs).ToArray());
            var last = length - 1;
            float[] p1 = [p[last]], g1 = [g[last]], m1 = [m[last]], v1 = [v[last]];

            Optimizers.Adam(p, g, m, v, 3, 0.01, 0.9, 0.999, 1e-8, 0.1, decoupled: true);
            Optimizers.Adam(p1, g1, m1, v1, 3, 0.01, 0.9, 0.999, 1e-8, 0.1, decoupled: true);

            Assert.Equal((p1[0], m1[0], v1[0]), (p[last], m[last], v[last]));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Sgd_LengthsThatDiffer_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Optimizers.Sgd(new float[3], new float[2], [], 1, 0, false, 0));
        Assert.Throws<ArgumentException>(() => Optimizers.Sgd(new float[3], new float[3], new float[2], 1, 0.9f, false, 0));
        Assert.Throws<ArgumentException>(() => Optimizers.Adam(new float[3], new float[3], new float[3], new float[2], 1, 1, 0, 0, 1, 0, false));
    }

    private static float[] Values(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (random.NextSingle() * 4) - 2)];

    private static void AssertClose(float[] expected, float[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
}
