using Microsoft.Azure.Functions.Worker;
using NCrontab;

namespace Serverless.Cli.Hosting.Functions;

/// <summary>A function with a timer trigger.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Schedule">When it runs, in UTC as in Azure.</param>
/// <param name="RunOnStartup">Whether it also runs as soon as the host is up.</param>
/// <param name="Activate">Makes its instance, null for a static function.</param>
/// <param name="Invoke">Runs it.</param>
internal sealed record TimerFunction(string Name, CrontabSchedule Schedule, bool RunOnStartup, FunctionActivator? Activate, Invocation<TimerInfo> Invoke);
