using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks the parameter that receives the HTTP request that triggers the function.</summary>
public sealed class HttpTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>Every method, a function key.</summary>
    public HttpTriggerAttribute() => AuthLevel = AuthorizationLevel.Function;

    /// <summary>Some methods, no key.</summary>
    /// <param name="methods">The HTTP methods.</param>
    public HttpTriggerAttribute(params string[] methods) => Methods = methods;

    /// <summary>Every method, the given key.</summary>
    /// <param name="authLevel">The key a caller needs.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel) => AuthLevel = authLevel;

    /// <summary>Some methods, the given key.</summary>
    /// <param name="authLevel">The key a caller needs.</param>
    /// <param name="methods">The HTTP methods.</param>
    public HttpTriggerAttribute(AuthorizationLevel authLevel, params string[] methods)
    {
        AuthLevel = authLevel;
        Methods = methods;
    }

    /// <summary>The route template in ASP.NET Core syntax, after the route prefix of host.json; the function's name where there is none.</summary>
    public string? Route { get; set; }

    /// <summary>The HTTP methods, all where there are none.</summary>
    public string[]? Methods { get; private set; }

    /// <summary>The key a caller needs.</summary>
    public AuthorizationLevel AuthLevel { get; private set; }
}
