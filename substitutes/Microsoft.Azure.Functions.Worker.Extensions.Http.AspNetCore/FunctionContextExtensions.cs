using Microsoft.AspNetCore.Http;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>ASP.NET Core's side of an invocation.</summary>
public static class FunctionContextExtensions
{
    private const string HttpContextKey = "HttpRequestContext";

    /// <summary>Gets the HTTP exchange an invocation answers.</summary>
    /// <param name="context">The invocation.</param>
    /// <returns>The exchange, null where the trigger is not HTTP.</returns>
    public static HttpContext? GetHttpContext(this FunctionContext context) =>
        context.Items.TryGetValue(HttpContextKey, out object? value) ? value as HttpContext : null;
}
