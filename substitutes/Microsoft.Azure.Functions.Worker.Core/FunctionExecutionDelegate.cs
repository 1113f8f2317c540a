namespace Microsoft.Azure.Functions.Worker.Middleware;

/// <summary>The rest of the pipeline, or the function itself.</summary>
/// <param name="context">The invocation.</param>
/// <returns>The running invocation.</returns>
public delegate Task FunctionExecutionDelegate(FunctionContext context);
