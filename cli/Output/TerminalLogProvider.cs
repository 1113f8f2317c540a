using Microsoft.Extensions.Logging;

namespace Serverless.Cli.Output;

/// <summary>Tells the warnings and errors of a command's own host on its terminal: nobody looks into a log file while a command runs.</summary>
/// <param name="terminal">The terminal.</param>
internal sealed class TerminalLogProvider(Terminal terminal) : ILoggerProvider, ILogger
{
    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => this;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
        => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and not LogLevel.None;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            terminal.Note($"{logLevel}: {formatter(state, exception)}{(exception is null ? "" : $": {exception.Message}")}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The terminal stays.
    }
}
