namespace Microsoft.Azure.Functions.Worker;

/// <summary>What is known about one binding of a function.</summary>
public abstract class BindingMetadata
{
    /// <summary>The name of the binding, which is the parameter's.</summary>
    public abstract string Name { get; }

    /// <summary>The kind of binding, such as <c>httpTrigger</c>.</summary>
    public abstract string Type { get; }

    /// <summary>Whether values come in or go out.</summary>
    public abstract BindingDirection Direction { get; }
}
