using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Cli.Hosting.Http;

/// <summary>The services of one invocation. Their scope begins when somebody asks for the first of them: most invocations of a quick function never do.</summary>
/// <param name="scopes">Where scopes come from.</param>
internal sealed class InvocationServices(IServiceScopeFactory scopes) : IServiceProvidersFeature, IAsyncDisposable
{
    private AsyncServiceScope? _scope;

    /// <inheritdoc/>
    public IServiceProvider RequestServices
    {
        get => (_scope ??= scopes.CreateAsyncScope()).ServiceProvider;
        set => throw new NotSupportedException("The services of an invocation are its app's.");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _scope?.DisposeAsync() ?? ValueTask.CompletedTask;
}
