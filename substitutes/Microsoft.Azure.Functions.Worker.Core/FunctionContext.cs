namespace Microsoft.Azure.Functions.Worker;

/// <summary>Everything a function invocation carries with it.</summary>
public abstract class FunctionContext
{
    /// <summary>The id of this invocation, different for every call.</summary>
    public abstract string InvocationId { get; }

    /// <summary>The id of the function, stable as long as the function exists.</summary>
    public abstract string FunctionId { get; }

    /// <summary>Distributed tracing headers of the caller.</summary>
    public abstract TraceContext TraceContext { get; }

    /// <summary>Values the trigger brought along, such as a queue message's dequeue count.</summary>
    public abstract BindingContext BindingContext { get; }

    /// <summary>How often this event has been tried, where the function has a retry policy.</summary>
    public abstract RetryContext RetryContext { get; }

    /// <summary>The services of this invocation's scope.</summary>
    public abstract IServiceProvider InstanceServices { get; set; }

    /// <summary>What is known about the function.</summary>
    public abstract FunctionDefinition FunctionDefinition { get; }

    /// <summary>A place for middleware and function to share values during one invocation.</summary>
    public abstract IDictionary<object, object> Items { get; set; }

    /// <summary>Typed extensions of this invocation.</summary>
    public abstract IInvocationFeatures Features { get; }

    /// <summary>Cancelled when the host wants the invocation to end.</summary>
    public virtual CancellationToken CancellationToken { get; } = CancellationToken.None;
}
