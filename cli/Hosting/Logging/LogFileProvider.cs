using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Cli.Hosting.Processes;

namespace Serverless.Cli.Hosting.Logging;

/// <summary>Sends logs to a file.</summary>
/// <param name="file">The file; it stays open when the provider is disposed of, for it has other writers.</param>
internal sealed class LogFileProvider(LogFile file) : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, LogFileLogger> _loggers = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, category => new LogFileLogger(file, category));

    /// <inheritdoc/>
    public void Dispose() => _loggers.Clear();
}
