using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.Testing;

/// <summary>An app's HTTP functions behind a real Kestrel on a free port, routed by their attributes.</summary>
public sealed class FunctionServer : IAsyncDisposable
{
    private static readonly ActionDescriptor NoAction = new();

    private readonly WebApplication _web;

    private FunctionServer(WebApplication web, Uri address)
    {
        _web = web;
        Client = new HttpClient { BaseAddress = address };
    }

    /// <summary>A client of the server.</summary>
    public HttpClient Client { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address => Client.BaseAddress!;

    /// <summary>The app's services.</summary>
    public IServiceProvider Services => _web.Services;

    /// <summary>Starts the HTTP functions of an assembly.</summary>
    public static async Task<FunctionServer> StartAsync(Assembly app, Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        configure(builder);
        var web = builder.Build();
        web.UseRouting();
        foreach (var method in app.GetTypes().SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null))
        {
            if (method.GetParameters().Select(parameter => parameter.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(found => found is not null) is { } trigger)
            {
                var route = web.Map(trigger.Route!, context => InvokeAsync(method, context));
                if (trigger.Methods is { Length: > 0 } methods)
                {
                    route.WithMetadata(new HttpMethodMetadata(methods));
                }
            }
        }

        await web.StartAsync();
        return new FunctionServer(web, new Uri(web.Urls.First()));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _web.DisposeAsync();
    }

    private static async Task InvokeAsync(MethodInfo method, HttpContext context)
    {
        object? Bind(ParameterInfo parameter) =>
            parameter.ParameterType == typeof(HttpRequest) ? context.Request
            : parameter.ParameterType == typeof(CancellationToken) ? context.RequestAborted
            : context.GetRouteValue(parameter.Name!);
        var functions = ActivatorUtilities.CreateInstance(context.RequestServices, method.DeclaringType!);
        var result = await (Task<IActionResult>)method.Invoke(functions, [.. method.GetParameters().Select(Bind)])!;
        await result.ExecuteResultAsync(new ActionContext(context, context.GetRouteData(), NoAction));
    }
}
