using System.Text.Json;
using Serverless.EndToEnd.Processes;

namespace Serverless.EndToEnd.Installations;

/// <summary>A host of the function apps, as a process.</summary>
internal sealed class FunctionHost
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private FunctionHost(ProductProcess process, Uri url)
    {
        Process = process;
        Url = url;
    }

    /// <summary>The process.</summary>
    public ProductProcess Process { get; }

    /// <summary>Root of its HTTP triggers.</summary>
    public Uri Url { get; }

    /// <summary>Waits until it says that it is ready.</summary>
    public static async Task<FunctionHost> ReadyAsync(ProductProcess process)
    {
        using var ready = JsonDocument.Parse(await process.FirstLineAsync(StartTime));
        return new FunctionHost(process, new Uri(ready.RootElement.GetProperty("url").GetString()!));
    }
}
