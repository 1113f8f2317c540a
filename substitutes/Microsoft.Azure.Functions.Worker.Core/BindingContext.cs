namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the bindings of an invocation know.</summary>
public abstract class BindingContext
{
    /// <summary>Values the trigger brought along, by name.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
