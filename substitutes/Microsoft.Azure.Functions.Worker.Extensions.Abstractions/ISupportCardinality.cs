namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>A binding that can carry one value or many.</summary>
public interface ISupportCardinality
{
    /// <summary>Whether the parameter receives one value or an array.</summary>
    Cardinality Cardinality { get; set; }
}
