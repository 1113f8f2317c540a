namespace Microsoft.Azure.Functions.Worker;

/// <summary>The direction of a binding.</summary>
public enum BindingDirection
{
    /// <summary>A trigger or an input.</summary>
    In,

    /// <summary>An output.</summary>
    Out,
}
