namespace Serverless.Core.Networks;

/// <summary>A layer in its place in a network: with its shapes and parameters. Shapes are without the batch dimension; images are [channels, height, width].</summary>
/// <param name="Name">PyTorch's name of the module, such as <c>layers.0</c>, or <c>layers.3.layers.0</c> inside a residual.</param>
/// <param name="Spec">The layer's own description; of a linear layer with its units filled in.</param>
/// <param name="Input">The shape it takes.</param>
/// <param name="Output">The shape it gives.</param>
/// <param name="Parameters">Its own parameters, weight first; not those of its children.</param>
/// <param name="Children">The layers inside it, first to last.</param>
/// <param name="FlopsPerSample">Floating point operations of its forward pass for one sample, children included; a multiplication and an addition count as two.</param>
public sealed record LayerNode(
    string Name, LayerSpec Spec, int[] Input, int[] Output, IReadOnlyList<ParameterSlot> Parameters, IReadOnlyList<LayerNode> Children, long FlopsPerSample)
{
    /// <summary>The layer's own parameter of this last name, such as <c>weight</c>, or null when it has none (a layer without bias).</summary>
    public ParameterSlot? Parameter(string name)
    {
        foreach (ParameterSlot slot in Parameters)
        {
            if (slot.Name.Length == Name.Length + 1 + name.Length && slot.Name.EndsWith(name, StringComparison.Ordinal))
            {
                return slot;
            }
        }

        return null;
    }
}
