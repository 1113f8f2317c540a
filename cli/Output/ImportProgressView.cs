using System.Globalization;
using Serverless.Core.Datasets.Import;
using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>Shows how far an import is.</summary>
internal static class ImportProgressView
{
    /// <summary>Runs an import and shows its progress: in place on a terminal, else not at all, for an import takes seconds.</summary>
    public static async Task<ImportResult> RunAsync(Terminal terminal, Func<IProgress<ImportProgress>?, Task<ImportResult>> import)
    {
        if (!terminal.IsLive)
        {
            return await import(null);
        }

        return await terminal.Error.Status().StartAsync("Reading…", status => import(new Now(at =>
        {
            var total = at.TotalRows is { } rows ? string.Create(CultureInfo.InvariantCulture, $" of {rows:N0}") : "";
            status.Status(string.Create(CultureInfo.InvariantCulture, $"{at.Stage} the {at.Split} split: {at.Rows:N0}{total} rows"));
        })));
    }

    // Progress<T> posts to the thread pool, where reports overtake each other.
    private sealed class Now(Action<ImportProgress> show) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => show(value);
    }
}
