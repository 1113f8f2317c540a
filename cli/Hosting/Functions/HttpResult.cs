using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>Writes what an HTTP function returned to its response.</summary>
internal static class HttpResult
{
    private static readonly ActionDescriptor NoAction = new();

    /// <summary>Writes a finished MVC result.</summary>
    public static Task ExecuteAction(IActionResult result, HttpContext context) => result is EmptyResult
        ? Task.CompletedTask
        : result.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), NoAction));

    /// <summary>Awaits and writes an MVC result.</summary>
    public static async Task ExecuteActionAsync<T>(Task<T> result, HttpContext context)
        where T : IActionResult
        => await ExecuteAction(await result, context);

    /// <summary>Writes a finished minimal-API result.</summary>
    public static Task Execute(IResult result, HttpContext context) => result.ExecuteAsync(context);

    /// <summary>Awaits and writes a minimal-API result.</summary>
    public static async Task ExecuteAsync<T>(Task<T> result, HttpContext context)
        where T : IResult
        => await Execute(await result, context);
}
