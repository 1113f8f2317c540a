using System.Collections.Immutable;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Distributed tracing headers (W3C Trace Context).</summary>
public abstract class TraceContext
{
    /// <summary>The <c>traceparent</c> header.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c> header.</summary>
    public abstract string TraceState { get; }

    /// <summary>Attributes of the trace.</summary>
    public virtual IReadOnlyDictionary<string, string> Attributes => ImmutableDictionary<string, string>.Empty;

    /// <summary>The <c>baggage</c> header, item by item.</summary>
    public virtual IReadOnlyDictionary<string, string> Baggage => ImmutableDictionary<string, string>.Empty;
}
