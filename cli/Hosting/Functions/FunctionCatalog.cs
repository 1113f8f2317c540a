using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using NCrontab;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>The functions of an app, found by their attributes and compiled to delegates: no reflection is left for when they run.</summary>
internal sealed partial class FunctionCatalog
{
    private readonly IConfiguration _settings;
    private readonly List<HttpFunction> _http = [];
    private readonly List<QueueFunction> _queues = [];
    private readonly List<TimerFunction> _timers = [];

    private FunctionCatalog(IConfiguration settings) => _settings = settings;

    /// <summary>The functions with an HTTP trigger.</summary>
    public IReadOnlyList<HttpFunction> Http => _http;

    /// <summary>The functions with a queue trigger.</summary>
    public IReadOnlyList<QueueFunction> Queues => _queues;

    /// <summary>The functions with a timer trigger.</summary>
    public IReadOnlyList<TimerFunction> Timers => _timers;

    /// <summary>Finds the functions of an app.</summary>
    /// <param name="types">Where to look.</param>
    /// <param name="routePrefix">Stands before every HTTP route.</param>
    /// <param name="settings">Replaces <c>%name%</c> in queue names and schedules.</param>
    /// <exception cref="HostStartException">A function has no trigger, or one, a parameter or a result that this host does not know.</exception>
    public static FunctionCatalog Read(IEnumerable<Type> types, string routePrefix, IConfiguration settings)
    {
        var catalog = new FunctionCatalog(settings);
        foreach (var method in types.SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)))
        {
            if (method.GetCustomAttribute<FunctionAttribute>() is { } function)
            {
                catalog.Add(function.Name, method, routePrefix);
            }
        }

        return catalog;
    }

    private void Add(string name, MethodInfo method, string routePrefix)
    {
        foreach (var parameter in method.GetParameters())
        {
            if (parameter.GetCustomAttribute<HttpTriggerAttribute>() is { } http)
            {
                AddHttp(name, method, parameter, http, routePrefix);
                return;
            }

            if (parameter.GetCustomAttribute<QueueTriggerAttribute>() is { } queue)
            {
                RefuseOtherConnection(name, queue.Connection);
                _queues.Add(new QueueFunction(name, Resolve(name, queue.QueueName), Activator(method), InvocationCompiler.CompileQueue(name, method, parameter)));
                return;
            }

            if (parameter.GetCustomAttribute<TimerTriggerAttribute>() is { } timer)
            {
                _timers.Add(new TimerFunction(name, Schedule(name, Resolve(name, timer.Schedule)), timer.RunOnStartup, Activator(method), InvocationCompiler.CompileTimer(name, method, parameter)));
                return;
            }
        }

        throw new HostStartException($"Function {name} ({method.DeclaringType}.{method.Name}) has no trigger that the local host knows: HttpTrigger, QueueTrigger or TimerTrigger.");
    }

    private void AddHttp(string name, MethodInfo method, ParameterInfo parameter, HttpTriggerAttribute trigger, string routePrefix)
    {
        var route = trigger.Route ?? name;
        RoutePattern pattern;
        try
        {
            pattern = RoutePatternFactory.Parse(routePrefix.Length == 0 ? route : $"{routePrefix.Trim('/')}/{route}");
        }
        catch (RoutePatternException e)
        {
            throw new HostStartException($"Function {name} has the route '{route}', which is no route template: {e.Message}");
        }

        _http.Add(new HttpFunction(name, pattern, trigger.Methods ?? [], Needs(method), Activator(method), InvocationCompiler.CompileHttp(name, method, parameter, pattern)));
    }

    private static FunctionActivator? Activator(MethodInfo method)
    {
        if (method.IsStatic)
        {
            return null;
        }

        var factory = ActivatorUtilities.CreateFactory(method.DeclaringType!, Type.EmptyTypes);
        return services => factory(services, null);
    }

    private static IReadOnlyList<Type>? Needs(MethodInfo method) =>
        method.IsStatic ? []
        : method.DeclaringType!.GetConstructors() is [var constructor] ? [.. constructor.GetParameters().Select(parameter => parameter.ParameterType)]
        : null;

    private static void RefuseOtherConnection(string name, string? connection)
    {
        if (connection is not (null or "" or "AzureWebJobsStorage"))
        {
            throw new HostStartException($"Function {name} listens on connection '{connection}'; the local host has one storage account, 'AzureWebJobsStorage'.");
        }
    }

    private static CrontabSchedule Schedule(string name, string expression)
    {
        try
        {
            return CrontabSchedule.Parse(expression, new CrontabSchedule.ParseOptions { IncludingSeconds = true });
        }
        catch (CrontabException e)
        {
            throw new HostStartException($"Function {name} has the schedule '{expression}'; it has to be an NCRONTAB expression of six fields, seconds first: {e.Message}");
        }
    }

    private string Resolve(string function, string text) => SettingName().Replace(text, match => _settings[match.Groups[1].Value]
        ?? throw new HostStartException(string.Create(CultureInfo.InvariantCulture, $"Function {function} uses %{match.Groups[1].Value}%, but there is no such app setting.")));

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex SettingName();
}
