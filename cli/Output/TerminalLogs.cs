using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Serverless.Cli.Output;

/// <summary>How a command that keeps running logs to the terminal.</summary>
internal static class TerminalLogs
{
    /// <summary>One line an entry, to standard error: standard output carries the result.</summary>
    public static void ToStandardError(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Information)
        .AddFilter("Microsoft", LogLevel.Warning)
        .AddFilter("Azure", LogLevel.Warning)
        .AddFilter("System.Net.Http", LogLevel.Warning)
        .AddSimpleConsole(format =>
        {
            format.SingleLine = true;
            format.TimestampFormat = "HH:mm:ss ";
            format.IncludeScopes = false;
        })
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
