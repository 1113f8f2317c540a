using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Processes;

namespace Serverless.Cli.Hosting.Logging;

/// <summary>Writes one category's logs as lines of a file.</summary>
internal sealed class LogFileLogger(LogFile file, string category) : ILogger
{
    private readonly string _source = category[(category.LastIndexOf('.') + 1)..];

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var text = $"{logLevel} {eventId.Id}: {formatter(state, exception)}";
        file.Write(_source, exception is null ? text : $"{text}{Environment.NewLine}{exception}");
    }
}
