using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Serverless.Inference.Statistics;

/// <summary>Writes metrics in the text format of Prometheus (version 0.0.4), inference under the names that Triton gives them.</summary>
public static class MetricsText
{
    /// <summary>The content type of the format.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const double NanosecondsPerMicrosecond = 1e3;
    private const double NanosecondsPerSecond = 1e9;
    private const double MicrosecondsPerSecond = 1e6;

    /// <summary>Writes the metrics of model versions and of this process.</summary>
    public static string Write(IReadOnlyList<ModelStatistics> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var text = new StringBuilder(8192);
        (string Labels, ModelCounts Counts)[] read =
            [.. models.Select(model => ($"model=\"{Escape(model.Model)}\",version=\"{Escape(model.Version)}\"", model.Read()))];
        Counter("nv_inference_request_success", "Requests that were answered", counts => counts.Success.Count);
        Head("nv_inference_request_failure", "counter", "Requests that were not answered, by reason");
        foreach (var (labels, counts) in read)
        {
            Line("nv_inference_request_failure", $"{labels},reason=\"REJECTED\"", counts.Rejected);
            Line("nv_inference_request_failure", $"{labels},reason=\"CANCELED\"", counts.Cancelled);
            Line("nv_inference_request_failure", $"{labels},reason=\"BACKEND\"", counts.Backend);
        }

        Counter("nv_inference_count", "Rows in answered requests", counts => counts.Inferences);
        Counter("nv_inference_exec_count", "Runs of the model", counts => counts.Executions);
        Head("nv_inference_pending_request_count", "gauge", "Requests that wait for their turn");
        foreach (var (labels, counts) in read)
        {
            Line("nv_inference_pending_request_count", labels, counts.Pending);
        }

        Counter("nv_inference_request_duration_us", "Time of answered requests", counts => counts.Success.Ns / NanosecondsPerMicrosecond);
        Counter("nv_inference_queue_duration_us", "Time that answered requests waited", counts => counts.Queue.Ns / NanosecondsPerMicrosecond);
        Counter("nv_inference_compute_input_duration_us", "Time for putting inputs together", counts => counts.ComputeInput.Ns / NanosecondsPerMicrosecond);
        Counter("nv_inference_compute_infer_duration_us", "Time for running the model", counts => counts.ComputeInfer.Ns / NanosecondsPerMicrosecond);
        Counter("nv_inference_compute_output_duration_us", "Time for handing out outputs", counts => counts.ComputeOutput.Ns / NanosecondsPerMicrosecond);
        Histogram("serverless_inference_request_duration_seconds", "Time of answered requests", counts => counts.RequestHistogram, MicrosecondsPerSecond, counts => counts.Success.Ns / NanosecondsPerSecond);
        Histogram("serverless_inference_queue_duration_seconds", "Time that answered requests waited", counts => counts.QueueHistogram, MicrosecondsPerSecond, counts => counts.Queue.Ns / NanosecondsPerSecond);
        Histogram("serverless_inference_batch_rows", "Rows that ran at once", counts => counts.BatchHistogram, 1, counts => counts.Batches.Sum(batch => (double)batch.BatchSize * batch.ComputeInfer.Count));
        WriteProcess();
        return text.ToString();

        void Head(string name, string type, string help) => text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

        void Line(string name, string labels, double value)
        {
            text.Append(name);
            if (labels.Length > 0)
            {
                text.Append('{').Append(labels).Append('}');
            }

            text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        void Counter(string name, string help, Func<ModelCounts, double> value)
        {
            Head(name, "counter", help);
            foreach (var (labels, counts) in read)
            {
                Line(name, labels, value(counts));
            }
        }

        void Histogram(string name, string help, Func<ModelCounts, IReadOnlyList<long>> buckets, double unit, Func<ModelCounts, double> sum)
        {
            Head(name, "histogram", help);
            foreach (var (labels, counts) in read)
            {
                var below = 0L;
                var all = buckets(counts);
                for (var i = 0; i < all.Count; i++)
                {
                    below += all[i];
                    var bound = i == all.Count - 1 ? "+Inf" : ((1L << i) / unit).ToString(CultureInfo.InvariantCulture);
                    Line($"{name}_bucket", $"{labels},le=\"{bound}\"", below);
                }

                Line($"{name}_sum", labels, sum(counts));
                Line($"{name}_count", labels, below);
            }
        }

        void WriteProcess()
        {
            using var process = Process.GetCurrentProcess();
            Single("process_cpu_seconds_total", "counter", "Processor time used", process.TotalProcessorTime.TotalSeconds);
            Single("process_resident_memory_bytes", "gauge", "Memory that is in use and not swapped out", process.WorkingSet64);
            Single("process_start_time_seconds", "gauge", "When the process started, in seconds since 1970", new DateTimeOffset(process.StartTime).ToUnixTimeMilliseconds() / 1e3);
            Single("process_threads", "gauge", "Threads", process.Threads.Count);
            Single("dotnet_gc_heap_bytes", "gauge", "Managed memory in use", GC.GetTotalMemory(forceFullCollection: false));
            Single("dotnet_gc_allocated_bytes_total", "counter", "Managed memory allocated so far", GC.GetTotalAllocatedBytes());
            Head("dotnet_gc_collections_total", "counter", "Garbage collections");
            for (var generation = 0; generation <= GC.MaxGeneration; generation++)
            {
                Line("dotnet_gc_collections_total", $"generation=\"{generation}\"", GC.CollectionCount(generation));
            }

            Single("dotnet_gc_pause_seconds_total", "counter", "Time in which garbage collections stopped everything", GC.GetTotalPauseDuration().TotalSeconds);
            Single("dotnet_thread_pool_threads", "gauge", "Threads of the thread pool", ThreadPool.ThreadCount);
            Single("dotnet_thread_pool_queue_length", "gauge", "Work that waits for a thread of the thread pool", ThreadPool.PendingWorkItemCount);
        }

        void Single(string name, string type, string help, double value)
        {
            Head(name, type, help);
            Line(name, "", value);
        }
    }

    private static string Escape(string label) =>
        label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
