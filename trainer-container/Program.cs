using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Serverless.Core.Storage;
using Serverless.Core.Validation;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Settings;

namespace Serverless.Trainer;

/// <summary>The process's entry point.</summary>
internal static partial class Program
{
    private static int Main()
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss.fff ";
            })
            .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        var logger = loggers.CreateLogger("Serverless.Trainer");
        try
        {
            var settings = TrainerSettings.FromEnvironment();
            NativeRuntime.Prepare(settings.Threads);
            return new TrainerProcess(settings, ServerlessStorage.Connect(), loggers).Run();
        }
        catch (ValidationException e)
        {
            LogBadSettings(logger, e.Message);
            return ExitCodes.BadSettings;
        }
        catch (Exception e)
        {
            LogFailed(logger, e);
            return ExitCodes.Failed;
        }
    }

    [LoggerMessage(EventId = 2090, Level = LogLevel.Critical, Message = "Bad settings: {Message}")]
    private static partial void LogBadSettings(ILogger logger, string message);

    [LoggerMessage(EventId = 2091, Level = LogLevel.Critical, Message = "The trainer ends after an unexpected error")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
