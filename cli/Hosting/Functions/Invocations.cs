using Microsoft.AspNetCore.Http;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>Runs a function for a request and completes when its response is written.</summary>
/// <param name="instance">The function class's instance, null for a static function.</param>
/// <param name="context">The request.</param>
internal delegate Task HttpInvocation(object? instance, HttpContext context);

/// <summary>Runs a function for something other than a request.</summary>
/// <param name="instance">The function class's instance, null for a static function.</param>
/// <param name="trigger">What triggered it.</param>
/// <param name="cancellationToken">Ends when the host stops.</param>
internal delegate Task Invocation<in TTrigger>(object? instance, TTrigger trigger, CancellationToken cancellationToken);

/// <summary>Makes the instance of a function class for one invocation, from the services of the invocation's scope.</summary>
internal delegate object FunctionActivator(IServiceProvider services);
