using Serverless.Core.Networks.Layers;
using Serverless.Core.Validation;

namespace Serverless.Core.Networks;

/// <summary>What a layer sees while it is compiled: its input and its place in the network, and the means to declare parameters and to refuse.</summary>
internal sealed class LayerScope
{
    /// <summary>The most elements one sample may have between two layers: 1 GiB of float32.</summary>
    public const long MaximumElements = 1 << 28;

    private readonly ParameterLayout.Builder _layout;
    private readonly List<ParameterSlot> _parameters = [];

    private LayerScope(string name, string path, LayerSpec spec, int[] input, int? defaultUnits, ParameterLayout.Builder layout)
    {
        Name = name;
        Path = path;
        Spec = spec;
        Input = input;
        DefaultUnits = defaultUnits;
        _layout = layout;
    }

    public string Name { get; }

    public string Path { get; }

    public LayerSpec Spec { get; }

    public int[] Input { get; }

    /// <summary>The size of a linear layer that states none: the dataset's, for the network's last one.</summary>
    public int? DefaultUnits { get; }

    /// <summary>Compiles a list of layers, each taking the output of the one before it.</summary>
    /// <param name="specs">The layers.</param>
    /// <param name="name">The name of the layer that the list belongs to, with a final dot, or nothing for the network's own.</param>
    /// <param name="path">Where in the user's input that is.</param>
    /// <param name="input">What the first layer takes.</param>
    /// <param name="outputs">The size that the last linear layer of the list may leave open, if it may.</param>
    /// <param name="layout">Where parameters get their places.</param>
    public static IReadOnlyList<LayerNode> CompileList(
        IReadOnlyList<LayerSpec> specs, string name, string path, int[] input, int? outputs, ParameterLayout.Builder layout)
    {
        int last = outputs is null ? -1 : specs.ToList().FindLastIndex(spec => spec is LinearSpec);
        LayerNode[] nodes = new LayerNode[specs.Count];
        for (int i = 0; i < nodes.Length; i++)
        {
            LayerScope scope = new($"{name}layers.{i}", $"{path}.layers[{i}]", specs[i], input, i == last ? outputs : null, layout);
            nodes[i] = specs[i].Compile(scope);
            input = nodes[i].Output;
        }

        return nodes;
    }

    /// <summary>Compiles the layers inside this one.</summary>
    public IReadOnlyList<LayerNode> CompileChildren(IReadOnlyList<LayerSpec> specs) => CompileList(specs, $"{Name}.", Path, Input, outputs: null, _layout);

    /// <summary>The input as an image.</summary>
    public ImageShape Image() => Input is [int channels, int height, int width]
        ? new ImageShape(channels, height, width)
        : throw Fail("needs an image [channels, height, width] here");

    public void Trainable(string name, int[] shape, InitialValues initial) => Add(name, ParameterRegion.Trainable, shape, initial);

    public void Buffer(string name, int[] shape, InitialValues initial) => Add(name, ParameterRegion.Buffer, shape, initial);

    /// <summary>Ends the compilation of a layer.</summary>
    public LayerNode Node(int[] output, long flopsPerSample, LayerSpec? spec = null, IReadOnlyList<LayerNode>? children = null)
    {
        long elements = Shapes.Elements(output);
        return elements <= MaximumElements
            ? new LayerNode(Name, spec ?? Spec, Input, output, _parameters, children ?? [], flopsPerSample)
            : throw Fail($"would give {Shapes.Format(output)}, which is {elements} elements a sample; legal 1..{MaximumElements}");
    }

    /// <summary>The refusal of this layer, naming its index (in the path), its type and its input.</summary>
    public ValidationException Fail(string message) => new(Path, $"{Spec.Type} gets {Shapes.Format(Input)} and {message}");

    private void Add(string name, ParameterRegion region, int[] shape, InitialValues initial) =>
        _parameters.Add(_layout.Add($"{Name}.{name}", region, shape, initial, Path));
}
