using System.Collections.ObjectModel;

namespace Serverless.Inference.Configuration;

/// <summary>
/// How a model is served, in the words of Triton's model configuration: the blob <c>{model}/config.json</c>, or the <c>config</c> of a load call. Everything is optional;
/// what is left out is read from the model or follows from the machine, and <c>GET /v2/models/{model}/config</c> shows what came of it.
/// </summary>
public sealed record ModelServingConfig
{
    /// <summary>The only <c>platform</c>.</summary>
    public const string OnnxPlatform = "onnxruntime_onnx";

    /// <summary>The only <c>backend</c>.</summary>
    public const string OnnxBackend = "onnxruntime";

    /// <summary>A configuration that leaves everything open.</summary>
    public static ModelServingConfig Default { get; } = new();

    /// <summary>The model's name.</summary>
    public string? Name { get; init; }

    /// <summary>What runs the model; always <see cref="OnnxPlatform"/>.</summary>
    public string Platform { get; init; } = OnnxPlatform;

    /// <summary>What runs the model; always <see cref="OnnxBackend"/>.</summary>
    public string Backend { get; init; } = OnnxBackend;

    /// <summary>Which versions are served.</summary>
    public VersionPolicy VersionPolicy { get; init; } = VersionPolicy.Newest;

    /// <summary>
    /// The most rows that run at once, where the first dimension of every input and output counts rows that do not influence each other; 0 where it does not, so that
    /// requests are never joined. Null: found out when the model is loaded.
    /// </summary>
    public int? MaxBatchSize { get; init; }

    /// <summary>The inputs; empty to take them from the model.</summary>
    public IReadOnlyList<ConfiguredTensor> Input { get; init; } = [];

    /// <summary>The outputs; empty to take them from the model.</summary>
    public IReadOnlyList<ConfiguredTensor> Output { get; init; } = [];

    /// <summary>The instances; empty for one group of kind <see cref="InstanceKind.Auto"/>.</summary>
    public IReadOnlyList<InstanceGroup> InstanceGroup { get; init; } = [];

    /// <summary>How requests wait and are joined; null for the defaults.</summary>
    public DynamicBatching? DynamicBatching { get; init; }

    /// <summary>Runs made before the model counts as ready.</summary>
    public IReadOnlyList<WarmupSample> ModelWarmup { get; init; } = [];

    /// <summary>How the model is made faster.</summary>
    public ModelOptimization Optimization { get; init; } = new();

    /// <summary>Settings of ONNX Runtime by the names that Triton's backend gives them.</summary>
    public IReadOnlyDictionary<string, ParameterValue> Parameters { get; init; } = ReadOnlyDictionary<string, ParameterValue>.Empty;
}
