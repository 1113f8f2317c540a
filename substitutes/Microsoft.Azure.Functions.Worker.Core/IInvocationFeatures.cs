namespace Microsoft.Azure.Functions.Worker;

/// <summary>Typed extensions of an invocation.</summary>
public interface IInvocationFeatures : IEnumerable<KeyValuePair<Type, object>>
{
    /// <summary>Sets the feature of type <typeparamref name="T"/>.</summary>
    /// <param name="instance">The feature.</param>
    void Set<T>(T instance);

    /// <summary>Gets the feature of type <typeparamref name="T"/>, or its default where there is none.</summary>
    T? Get<T>();
}
