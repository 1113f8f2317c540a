namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>How many values a binding carries at once.</summary>
public enum Cardinality
{
    /// <summary>An array.</summary>
    Many,

    /// <summary>A single value.</summary>
    One,
}
