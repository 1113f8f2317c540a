namespace Serverless.Core.Networks.Layers;

/// <summary>A function applied to every value by itself. Takes and gives any shape; has no parameters.</summary>
public abstract record ActivationSpec : LayerSpec
{
    /// <summary>About how many operations the function takes for a value.</summary>
    private protected abstract int FlopsPerValue { get; }

    internal override LayerNode Compile(LayerScope scope) => scope.Node(scope.Input, FlopsPerValue * Shapes.Elements(scope.Input));
}
