using System.Linq.Expressions;
using System.Reflection;
using Azure.Storage.Queues.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>Turns a function's method into a delegate that binds its parameters from the trigger and completes with its result handled.</summary>
internal static class InvocationCompiler
{
    private static readonly ParameterExpression Instance = Expression.Parameter(typeof(object), "instance");
    private static readonly ParameterExpression Context = Expression.Parameter(typeof(HttpContext), "context");
    private static readonly ParameterExpression Token = Expression.Parameter(typeof(CancellationToken), "cancellationToken");

    /// <summary>Compiles a function with an HTTP trigger.</summary>
    public static HttpInvocation CompileHttp(string name, MethodInfo method, ParameterInfo trigger, RoutePattern pattern)
    {
        var call = Call(method, parameter => BindHttp(parameter, pattern) ?? throw Unbindable(name, parameter, parameter == trigger
            ? "HttpRequest or HttpContext"
            : "HttpRequest, HttpContext, CancellationToken, or a value of the route: " + Names(pattern)));
        return Expression.Lambda<HttpInvocation>(HandleHttpResult(name, call), Instance, Context).Compile();
    }

    /// <summary>Compiles a function with a queue trigger.</summary>
    public static Invocation<QueueMessage> CompileQueue(string name, MethodInfo method, ParameterInfo trigger)
    {
        var message = Expression.Parameter(typeof(QueueMessage), "message");
        var body = Expression.Property(message, nameof(QueueMessage.Body));
        return Compile<QueueMessage>(name, method, trigger, message, "QueueMessage, string, byte[] or BinaryData", type =>
            type == typeof(QueueMessage) ? message
            : type == typeof(string) ? Expression.Call(body, nameof(BinaryData.ToString), null)
            : type == typeof(byte[]) ? Expression.Call(body, nameof(BinaryData.ToArray), null)
            : type == typeof(BinaryData) ? body
            : null);
    }

    /// <summary>Compiles a function with a timer trigger.</summary>
    public static Invocation<TimerInfo> CompileTimer(string name, MethodInfo method, ParameterInfo trigger)
    {
        var timer = Expression.Parameter(typeof(TimerInfo), "timer");
        return Compile<TimerInfo>(name, method, trigger, timer, "TimerInfo", type => type == typeof(TimerInfo) ? timer : null);
    }

    private static Invocation<TTrigger> Compile<TTrigger>(
        string name, MethodInfo method, ParameterInfo trigger, ParameterExpression value, string legal, Func<Type, Expression?> bind)
    {
        var call = Call(method, parameter =>
            parameter == trigger ? bind(parameter.ParameterType) ?? throw Unbindable(name, parameter, legal)
            : parameter.ParameterType == typeof(CancellationToken) ? Token
            : throw Unbindable(name, parameter, "the trigger or CancellationToken"));
        Expression body = method.ReturnType == typeof(Task) ? call
            : method.ReturnType == typeof(void) ? Expression.Block(call, Expression.Constant(Task.CompletedTask))
            : throw new HostStartException($"Function {name} returns {method.ReturnType}; a queue or timer function has to return Task or void.");
        return Expression.Lambda<Invocation<TTrigger>>(body, Instance, value, Token).Compile();
    }

    private static MethodCallExpression Call(MethodInfo method, Func<ParameterInfo, Expression> bind) => Expression.Call(
        method.IsStatic ? null : Expression.Convert(Instance, method.DeclaringType!),
        method,
        method.GetParameters().Select(bind));

    private static Expression? BindHttp(ParameterInfo parameter, RoutePattern pattern)
    {
        var type = parameter.ParameterType;
        if (type == typeof(HttpContext))
        {
            return Context;
        }

        if (type == typeof(HttpRequest))
        {
            return Expression.Property(Context, nameof(HttpContext.Request));
        }

        if (type == typeof(CancellationToken))
        {
            return Expression.Property(Context, nameof(HttpContext.RequestAborted));
        }

        if (pattern.Parameters.FirstOrDefault(part => string.Equals(part.Name, parameter.Name, StringComparison.OrdinalIgnoreCase)) is not { } part)
        {
            return null;
        }

        var name = Expression.Constant(part.Name);
        if (type == typeof(string))
        {
            return Expression.Call(typeof(RouteValue), nameof(RouteValue.Text), null, Context, name);
        }

        var value = Nullable.GetUnderlyingType(type) ?? type;
        var isParsable = value.IsValueType && value.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IParsable<>));
        return isParsable
            ? Expression.Call(typeof(RouteValue), value == type ? nameof(RouteValue.Parse) : nameof(RouteValue.ParseOptional), [value], Context, name)
            : null;
    }

    private static Expression HandleHttpResult(string name, MethodCallExpression call)
    {
        var type = call.Type;
        if (type == typeof(Task))
        {
            return call;
        }

        if (type == typeof(void))
        {
            return Expression.Block(call, Expression.Constant(Task.CompletedTask));
        }

        var isTask = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>);
        var result = isTask ? type.GetGenericArguments()[0] : type;
        var execute = typeof(IActionResult).IsAssignableFrom(result) ? isTask ? nameof(HttpResult.ExecuteActionAsync) : nameof(HttpResult.ExecuteAction)
            : typeof(IResult).IsAssignableFrom(result) ? isTask ? nameof(HttpResult.ExecuteAsync) : nameof(HttpResult.Execute)
            : throw new HostStartException($"Function {name} returns {type}; an HTTP function has to return IActionResult, IResult, nothing, or a Task of these.");
        return isTask
            ? Expression.Call(typeof(HttpResult), execute, [result], call, Context)
            : Expression.Call(typeof(HttpResult), execute, null, call, Context);
    }

    private static string Names(RoutePattern pattern) =>
        pattern.Parameters.Count == 0 ? "(it has none)" : string.Join(", ", pattern.Parameters.Select(part => part.Name));

    private static HostStartException Unbindable(string function, ParameterInfo parameter, string legal) =>
        new($"Function {function}: the local host cannot bind parameter '{parameter.Name}' of type {parameter.ParameterType}; it has to be {legal}.");
}
