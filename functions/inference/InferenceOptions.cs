using System.ComponentModel.DataAnnotations;

namespace Serverless.Inference;

/// <summary>Limits and settings, from the configuration section <c>Inference</c> (application settings <c>Inference__MaxBatchSize</c> and so on).</summary>
public sealed class InferenceOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Inference";

    /// <summary>The largest request body in bytes; a larger one is answered 413 before it is read. Default 64 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int MaxRequestBytes { get; set; } = 64 << 20;

    /// <summary>How deep a request's JSON may nest. Default 64.</summary>
    [Range(8, 1000)]
    public int MaxJsonDepth { get; set; } = 64;

    /// <summary>Responses of fewer bytes than this are not compressed, whatever the client accepts. Default 1024.</summary>
    [Range(0, 1 << 30)]
    public int MinCompressedBytes { get; set; } = 1024;

    /// <summary>
    /// The most rows of a request, and of requests that are joined, where the first dimension of a model counts rows: memory for activations grows with it. Default 1024.
    /// </summary>
    [Range(1, 1 << 20)]
    public int MaxBatchSize { get; set; } = 1024;

    /// <summary>Threads that one request's run may use. Default 1: many small requests run beside each other rather than each on many threads.</summary>
    [Range(1, 1024)]
    public int IntraOpThreads { get; set; } = 1;

    /// <summary>
    /// Where models run whose configuration does not say: <c>auto</c> on a graphics processor where there is one, <c>cpu</c>, <c>cuda</c>, or <c>cuda:N</c> for the one
    /// with that number.
    /// </summary>
    [RegularExpression("auto|cpu|cuda(:[0-9]{1,3})?", ErrorMessage = "Inference__Device must be auto, cpu, cuda or cuda:N.")]
    public string Device { get; set; } = "auto";

    /// <summary>Whether the server refuses to start, and a model to load, where a graphics processor is wanted and there is none. Otherwise the processor stands in.</summary>
    public bool RequireGpu { get; set; }

    /// <summary>How many models run at once on the processor; more wait. 0, the default: as many as there are cores for at <see cref="IntraOpThreads"/> each.</summary>
    [Range(0, 1024)]
    public int MaxConcurrentRuns { get; set; }

    /// <summary>How many requests to a model may wait where its configuration has no <c>max_queue_size</c>; one more is answered 503. 0 for any number. Default 1024.</summary>
    [Range(0, 1 << 20)]
    public int MaxQueueSize { get; set; } = 1024;

    /// <summary>How often the store is asked for new model versions. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a version that failed to load is left alone. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan RetryFailedAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where downloaded models are kept, so that a restart does not download them again. Default: a folder of this user among the machine's temporary files.</summary>
    public string? CacheDirectory { get; set; }

    /// <summary>How many bytes of downloaded models are kept at most; the longest unused go first. Default 8 GiB.</summary>
    [Range(0L, long.MaxValue)]
    public long CacheBytes { get; set; } = 8L << 30;

    /// <summary>
    /// Whether requests may load and unload models, and bring models of their own. Default true; to be switched off where whoever can reach the server is not to decide what
    /// it serves.
    /// </summary>
    public bool ModelControl { get; set; } = true;
}
