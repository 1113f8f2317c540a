using Serverless.Core.Networks.Onnx;
using Serverless.Optimization.Calibration;
using Serverless.Optimization.Graphs;

namespace Serverless.Optimization.Quantization;

/// <summary>
/// Int8 with calibrated ranges: what layers take and give becomes unsigned bytes of a fixed range, weights signed bytes with a scale for each output, biases whole numbers.
/// Written as pairs of <c>QuantizeLinear</c> and <c>DequantizeLinear</c>, which say what is rounded where; ONNX Runtime joins them with the nodes between into nodes that
/// compute in whole numbers.
/// </summary>
internal sealed class StaticInt8
{
    private readonly ModelGraph _graph;
    private readonly IReadOnlyDictionary<string, RawInput> _rawInputs;

    // By identity: nodes change while they are looked up.
    private readonly HashSet<NodeProto> _quantizable = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<NodeProto, LinearLayer> _layers = new(ReferenceEqualityComparer.Instance);

    /// <summary>Looks at a model.</summary>
    public StaticInt8(ModelGraph graph)
    {
        _graph = graph;
        _rawInputs = RawInput.FindAll(graph);
        foreach (var node in graph.Proto.Node)
        {
            if (LinearLayer.Find(graph, node) is { } layer)
            {
                _layers.Add(node, layer);
                _quantizable.Add(node);
            }
            else if (IsCombining(node) && DataInputs(node).Any(input => IsQuantizedResult(Origin(input))))
            {
                _quantizable.Add(node);
            }
        }
    }

    /// <summary>The tensors whose ranges are needed.</summary>
    public IReadOnlyCollection<string> Tensors =>
        [.. _quantizable.SelectMany(DataInputs).Select(Origin).Where(tensor => !_rawInputs.ContainsKey(tensor))
            .Concat(_quantizable.Select(ResultToQuantize).OfType<string>())
            .Distinct(StringComparer.Ordinal)];

    /// <summary>Changes the graph.</summary>
    /// <param name="rangeOf">The range of each of <see cref="Tensors"/>.</param>
    /// <returns>How many layers were changed.</returns>
    public int Apply(Func<string, ValueRange> rangeOf)
    {
        var emitter = new QdqEmitter(_graph, _rawInputs, tensor => rangeOf(Origin(tensor)));
        foreach (var node in _graph.Proto.Node)
        {
            var maker = Maker(node);
            if (_quantizable.Contains(node))
            {
                emitter.QuantizeInputs(node, DataInputs(node));
                if (_layers.TryGetValue(node, out var layer))
                {
                    emitter.QuantizeParameters(layer);
                }

                emitter.Emit(node);
            }
            else if (IsPassThrough(node) && emitter.TryQuantizeInput(node))
            {
                emitter.EmitPassThrough(node);
                continue;
            }
            else
            {
                emitter.EmitOther(node);
            }

            // Sums, convolutions and means have no form that takes whole numbers and gives floats.
            if (maker is not null && ResultToQuantize(maker) == node.Output[0])
            {
                emitter.QuantizeOutput(node);
            }
        }

        _graph.SetNodes(emitter.Nodes);
        return _layers.Count;
    }

    /// <summary>Whether a node moves values without changing any, so that they have the same range after it as before.</summary>
    private static bool IsPassThrough(NodeProto node) => node.Is("MaxPool", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze") && node.Output.Count == 1;

    private static bool IsActivation(NodeProto node) => node.Is("Relu", "Clip");

    // What joins the paths of a convolutional network: worth it only where a path comes in bytes.
    private bool IsCombining(NodeProto node) =>
        (node.Is("Add") && node.Input.All(input => _graph.Constant(input) is null && _graph.IsFloat(input))) || node.Is("GlobalAveragePool", "AveragePool");

    private bool IsQuantizedResult(string tensor) => _graph.Producer(tensor) is { } producer && Maker(producer) is { } maker && ResultToQuantize(maker) == tensor;

    private IEnumerable<string> DataInputs(NodeProto node) => node.Is("Add") ? node.Input : node.Input.Take(1);

    // Back through nodes that only move values.
    private string Origin(string tensor)
    {
        while (_graph.Producer(tensor) is { } node && IsPassThrough(node))
        {
            tensor = node.Input[0];
        }

        return tensor;
    }

    // The node whose whole-number form ends with this one: itself, or the layer before an activation.
    private NodeProto? Maker(NodeProto node) =>
        _quantizable.Contains(node) ? node
        : IsActivation(node) && _graph.Producer(node.Input[0]) is { } layer && _quantizable.Contains(layer) && Result(layer) == node.Output[0] ? layer
        : null;

    private string? ResultToQuantize(NodeProto node) => _layers.ContainsKey(node) && !node.Is("Conv") ? null : Result(node);

    // An activation belongs to the layer before it, where nothing else looks at what is between them.
    private string Result(NodeProto node)
    {
        var output = node.Output[0];
        return !_graph.IsOutput(output) && _graph.Consumers(output) is [var only] && IsActivation(only) ? only.Output[0] : output;
    }
}
