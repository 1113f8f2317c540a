namespace Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

/// <summary>The value a binding's property has where nothing else is said.</summary>
[AttributeUsage(AttributeTargets.Property)]
public class DefaultValueAttribute : Attribute
{
    /// <summary>A default of type string.</summary>
    /// <param name="stringDefault">The value.</param>
    public DefaultValueAttribute(string stringDefault) => DefaultStringValue = stringDefault;

    /// <summary>A default of type bool.</summary>
    /// <param name="boolDefault">The value.</param>
    public DefaultValueAttribute(bool boolDefault) => DefaultBoolValue = boolDefault;

    /// <summary>The default, if it is a string.</summary>
    public string? DefaultStringValue { get; }

    /// <summary>The default, if it is a bool.</summary>
    public bool? DefaultBoolValue { get; }
}
