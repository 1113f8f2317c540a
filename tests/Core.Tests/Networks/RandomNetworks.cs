using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Networks;
using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Networks;

/// <summary>Random networks of every kind of layer in every legal place.</summary>
internal static class RandomNetworks
{
    private const int Depth = 2;

    public static Arbitrary<NetworkCase> Cases { get; } = Arb.From(Generator(), Shrink);

    public static Config Tests(int count) => Config.QuickThrowOnFailure.WithMaxTest(count);

    private static Gen<NetworkCase> Generator() =>
        from channels in Gen.Choose(0, 4)
        from height in Gen.Choose(1, 9)
        from width in Gen.Choose(1, 9)
        from flat in Gen.Choose(0, 3)
        let input = flat == 0 ? [height * width] : channels == 0 ? [height, width] : new[] { channels, height, width }
        // What layers see of a grey image depends on the layers; to have a shape to go on from, the first one decides.
        let first = input is [int h, int w] ? [1, h, w] : input
        from count in Gen.Choose(0, 6)
        from body in Layers(first, count, Depth)
        from outputs in Gen.Choose(1, 5)
        from head in Gen.Elements<LayerSpec[]>([new FlattenSpec(), new LinearSpec()], [new FlattenSpec(), new LinearSpec(4), new ReluSpec(), new LinearSpec(Bias: false)])
        let spec = new NetworkSpec([.. body, .. head])
        select new NetworkCase(spec, Fits(spec, input) ? input : first, outputs);

    private static IEnumerable<NetworkCase> Shrink(NetworkCase network)
    {
        for (int i = 0; i < network.Spec.Layers.Count; i++)
        {
            NetworkSpec smaller = new([.. network.Spec.Layers.Take(i), .. network.Spec.Layers.Skip(i + 1)]);
            if (smaller.Layers.Any(layer => layer is LinearSpec { Units: null }) && Fits(smaller, network.Input))
            {
                yield return network with { Spec = smaller };
            }
        }
    }

    private static bool Fits(NetworkSpec spec, int[] input)
    {
        try
        {
            Network.Compile(spec, input, outputs: 1);
            return true;
        }
        catch (ValidationException)
        {
            return false;
        }
    }

    private static Gen<LayerSpec[]> Layers(int[] shape, int count, int depth) => count == 0
        ? Gen.Constant(Array.Empty<LayerSpec>())
        : from layer in Layer(shape, depth)
          from rest in Layers(Output(layer, shape), count - 1, depth)
          select new[] { layer }.Concat(rest).ToArray();

    private static int[] Output(LayerSpec layer, int[] shape) =>
        LayerScope.CompileList([layer], "", "network", shape, outputs: null, new ParameterLayout.Builder())[0].Output;

    private static Gen<LayerSpec> Layer(int[] shape, int depth)
    {
        Gen<LayerSpec> anywhere = Gen.OneOf(
            Gen.Elements<LayerSpec>(new ReluSpec(), new GeluSpec(), new TanhSpec(), new SigmoidSpec(), new DropoutSpec(0.3), new FlattenSpec()),
            Gen.Choose(1, shape.Length).Select(dimensions => (LayerSpec)new LayerNormSpec(dimensions, Epsilon: 0.01)),
            Gen.Constant<LayerSpec>(new LayerNormSpec(Epsilon: 0.01)));
        if (depth > 0)
        {
            anywhere = Gen.OneOf(anywhere, Residual(shape, depth - 1));
        }

        return shape switch
        {
            [int features] => Gen.OneOf(anywhere, Linear(features)),
            [int channels, int height, int width] => Gen.OneOf(
                anywhere, Conv2d(channels, height, width), Pool2d(height, width), Gen.Elements<LayerSpec>(new BatchNorm2dSpec(0.01), new GlobalAvgPoolSpec())),
            _ => anywhere,
        };
    }

    private static Gen<LayerSpec> Linear(int features) =>
        from units in Gen.Choose(1, features + 3)
        from bias in Gen.Elements(true, false)
        select (LayerSpec)new LinearSpec(units, bias);

    private static Gen<LayerSpec> Conv2d(int channels, int height, int width) =>
        from padding in Size(0, 2, 0, 2)
        from kernel in Size(1, Math.Min(4, height + (2 * padding.Height)), 1, Math.Min(4, width + (2 * padding.Width)))
        from stride in Size(1, 3, 1, 3)
        from groups in Gen.Elements(Enumerable.Range(1, channels).Where(groups => channels % groups == 0).ToArray())
        from multiple in Gen.Choose(1, 3)
        from bias in Gen.Elements(true, false)
        select (LayerSpec)new Conv2dSpec(groups * multiple, kernel) { Padding = padding, Stride = stride, Groups = groups, Bias = bias };

    private static Gen<LayerSpec> Pool2d(int height, int width) =>
        from kernel in Size(1, Math.Min(4, height), 1, Math.Min(4, width))
        from stride in Size(1, 3, 1, 3)
        from padding in Size(0, kernel.Height / 2, 0, kernel.Width / 2)
        from largest in Gen.Elements(true, false)
        select largest
            ? (LayerSpec)new MaxPool2dSpec(kernel) { Stride = stride, Padding = padding }
            : new AvgPool2dSpec(kernel) { Stride = stride, Padding = padding };

    private static Gen<LayerSpec> Residual(int[] shape, int depth) =>
        from count in Gen.Choose(1, 3)
        from layers in Gen.ArrayOf(Layer(shape, depth).Where(layer => Output(layer, shape).SequenceEqual(shape)), count)
        select (LayerSpec)new ResidualSpec(layers);

    private static Gen<Size2> Size(int minimumHeight, int maximumHeight, int minimumWidth, int maximumWidth) =>
        from height in Gen.Choose(minimumHeight, maximumHeight)
        from width in Gen.Choose(minimumWidth, maximumWidth)
        select new Size2(height, width);
}
