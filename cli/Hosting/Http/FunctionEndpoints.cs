using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Functions;

namespace Serverless.Cli.Hosting.Http;

/// <summary>Makes endpoints of an app's HTTP functions. Between Kestrel and the function there is the route match, a service scope where one is needed, and one delegate call.</summary>
/// <param name="services">The app's services.</param>
/// <param name="singletons">Which of them are the same for all invocations; open generic ones by their definition.</param>
/// <param name="logger">Told what fails.</param>
internal sealed partial class FunctionEndpoints(IServiceProvider services, IReadOnlySet<Type> singletons, ILogger<FunctionEndpoints> logger)
{
    private readonly IServiceScopeFactory _scopes = services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Maps the functions.</summary>
    public void Map(IEndpointRouteBuilder endpoints, IEnumerable<HttpFunction> functions)
    {
        foreach (var function in functions)
        {
            var needsScope = function.Needs?.All(IsSingleton) != true;
            RequestDelegate handle = context => HandleAsync(function, needsScope, context);
            var endpoint = function.Methods.Count == 0 ? endpoints.Map(function.Pattern, handle) : endpoints.Map(function.Pattern, handle).WithMetadata(new HttpMethodMetadata(function.Methods));
            endpoint.WithDisplayName(function.Name);
        }
    }

    private bool IsSingleton(Type service) => singletons.Contains(service) || (service.IsGenericType && singletons.Contains(service.GetGenericTypeDefinition()));

    private async Task HandleAsync(HttpFunction function, bool needsScope, HttpContext context)
    {
        await using var invocation = new InvocationServices(_scopes);
        context.Features.Set<IServiceProvidersFeature>(invocation);
        try
        {
            await function.Invoke(function.Activate?.Invoke(needsScope ? invocation.RequestServices : services), context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: there is nobody to answer.
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, e.StatusCode, e.Message);
        }
        catch (Exception e)
        {
            LogFailed(logger, e, function.Name);
            if (context.Response.HasStarted)
            {
                // A cut connection tells the client that what it has is not all; a clean end would not.
                context.Abort();
            }
            else
            {
                await RefuseAsync(context, StatusCodes.Status500InternalServerError, $"Function {function.Name} failed: {e.Message}");
            }
        }
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail)
    {
        context.Response.Clear();
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = context.Features.Get<IHttpResponseFeature>()?.ReasonPhrase, Detail = detail };
        return context.Response.WriteAsJsonAsync(problem, options: null, contentType: "application/problem+json", CancellationToken.None);
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Error, Message = "Function {Function} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string function);
}
