using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.Core.Storage;

/// <summary>Counts each try of each request into a <see cref="StorageTraffic"/>.</summary>
internal sealed class TrafficPolicy(StorageTraffic traffic) : HttpPipelinePolicy
{
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            ProcessNext(message, pipeline);
        }
        finally
        {
            Count(message);
        }
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        try
        {
            await ProcessNextAsync(message, pipeline);
        }
        finally
        {
            Count(message);
        }
    }

    private void Count(HttpMessage message)
    {
        var request = message.Request;
        var written = request.Content is { } content && content.TryComputeLength(out var length) ? length : 0;
        var read = message.HasResponse && request.Method != RequestMethod.Head ? message.Response.Headers.ContentLengthLong ?? 0 : 0;
        traffic.Add(KindOf(request.Uri.Path, request.Uri.Query), request.Method, read, written);
    }

    /// <summary>Sorts a request by its address. The account may stand in the host's name or, as with Azurite, first in the path.</summary>
    internal static TrafficKind KindOf(string path, string query)
    {
        if (query.Contains("comp=list", StringComparison.Ordinal))
        {
            return TrafficKind.List;
        }

        if (path.Contains("/messages", StringComparison.Ordinal))
        {
            return TrafficKind.Queue;
        }

        if (Contains(path, StorageNames.DatasetsContainer))
        {
            return TrafficKind.Dataset;
        }

        if (Contains(path, StorageNames.ModelsContainer))
        {
            return TrafficKind.Model;
        }

        return Contains(path, StorageNames.JobsContainer) ? JobKindOf(path) : TrafficKind.Other;
    }

    private static TrafficKind JobKindOf(string path)
    {
        if (path.Contains("/rounds/", StringComparison.Ordinal))
        {
            return path.EndsWith(".state.safetensors", StringComparison.Ordinal) ? TrafficKind.ShardState : TrafficKind.Contribution;
        }

        return path.Contains("/checkpoints/", StringComparison.Ordinal) ? TrafficKind.Checkpoint
            : path.EndsWith("/owner", StringComparison.Ordinal) ? TrafficKind.Owner
            : path.EndsWith("/status.json", StringComparison.Ordinal) ? TrafficKind.Status
            : path.Contains("/evaluations/", StringComparison.Ordinal) ? TrafficKind.Evaluation
            : path.EndsWith(".jsonl", StringComparison.Ordinal) ? TrafficKind.Metrics
            : TrafficKind.Job;
    }

    private static bool Contains(string path, string container)
    {
        var start = path.IndexOf(container, StringComparison.Ordinal);
        return start > 0 && path[start - 1] == '/' && (start + container.Length == path.Length || path[start + container.Length] == '/');
    }
}
