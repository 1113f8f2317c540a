using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>Reads a request's route values for function parameters.</summary>
internal static class RouteValue
{
    /// <summary>A value as text, null where the route leaves it out.</summary>
    public static string? Text(HttpContext context, string name) => context.Request.RouteValues.TryGetValue(name, out var value) ? value as string : null;

    /// <summary>A value that has to be there and to parse.</summary>
    /// <exception cref="BadHttpRequestException">It does not: the client's mistake.</exception>
    public static T Parse<T>(HttpContext context, string name)
        where T : struct, IParsable<T>
    {
        var text = Text(context, name);
        return T.TryParse(text, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new BadHttpRequestException($"'{text}' in the path is not a valid {name}: it has to be of type {typeof(T).Name}.");
    }

    /// <summary>A value that may be left out.</summary>
    /// <exception cref="BadHttpRequestException">It is there and does not parse.</exception>
    public static T? ParseOptional<T>(HttpContext context, string name)
        where T : struct, IParsable<T>
        => Text(context, name) is null ? null : Parse<T>(context, name);
}
