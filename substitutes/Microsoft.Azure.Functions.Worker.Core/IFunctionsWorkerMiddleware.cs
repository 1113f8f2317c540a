namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>A step every invocation runs through.</summary>
public interface IFunctionsWorkerMiddleware
{
    /// <summary>Runs the step; the function is only called if it calls <paramref name="next"/>.</summary>
    /// <param name="context">The invocation.</param>
    /// <param name="next">The rest of the pipeline.</param>
    /// <returns>The running invocation.</returns>
    Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
}
