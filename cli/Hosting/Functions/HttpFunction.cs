using Microsoft.AspNetCore.Routing.Patterns;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>A function with an HTTP trigger.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Pattern">Its route, prefix included.</param>
/// <param name="Methods">The verbs it answers; none means all.</param>
/// <param name="Needs">The services that making its instance takes; null where more than one constructor could be meant.</param>
/// <param name="Activate">Makes its instance, null for a static function.</param>
/// <param name="Invoke">Runs it.</param>
internal sealed record HttpFunction(string Name, RoutePattern Pattern, IReadOnlyList<string> Methods, IReadOnlyList<Type>? Needs, FunctionActivator? Activate, HttpInvocation Invoke);
