namespace Serverless.Core.Models;

/// <summary>What a published model version is, takes and gives: <c>config.json</c>.</summary>
public sealed record ModelConfig
{
    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>The version, 1 or more.</summary>
    public required int Version { get; init; }

    /// <summary>The job it was trained by.</summary>
    public required string Job { get; init; }

    /// <summary>The dataset it was trained on.</summary>
    public required string Dataset { get; init; }

    /// <summary>The form that was published: one of <see cref="ModelForm"/> in camelCase, or <see cref="OptimizationReport.Original"/>.</summary>
    public string Form { get; init; } = OptimizationReport.Original;

    /// <summary>When it was published.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>SHA-256 of <c>model.onnx</c>, hexadecimal in lower case.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Length of <c>model.onnx</c> in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>The inputs.</summary>
    public required IReadOnlyList<ModelTensor> Inputs { get; init; }

    /// <summary>The outputs.</summary>
    public required IReadOnlyList<ModelTensor> Outputs { get; init; }

    /// <summary>Names of the classes by index; empty for a model that predicts values.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>How raw values become the network's.</summary>
    public required ModelPreprocessing Preprocessing { get; init; }
}
