using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Core.Models;

/// <summary>Which forms of a model were tried, what was measured, and which was chosen: <c>report.json</c>.</summary>
public sealed record OptimizationReport
{
    /// <summary>The name of the form in which a model came.</summary>
    public const string Original = "original";

    /// <summary>Points of <see cref="Measure"/> that may be lost.</summary>
    public required double MaxAccuracyLoss { get; init; }

    /// <summary>What the forms were compared by.</summary>
    public required QualityMeasure Measure { get; init; }

    /// <summary>Rows it was measured on; 0 where nothing was measured.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that ranges were calibrated on.</summary>
    public required int CalibrationRows { get; init; }

    /// <summary>The machine whose times these are: its architecture, its cores, and the instructions that 8-bit products depend on.</summary>
    public required string Machine { get; init; }

    /// <summary>The version of ONNX Runtime.</summary>
    public required string Runtime { get; init; }

    /// <summary>The chosen form.</summary>
    public required string Chosen { get; init; }

    /// <summary>All forms, the original first.</summary>
    public required IReadOnlyList<CandidateReport> Candidates { get; init; }

    /// <summary>What was found about the chosen form.</summary>
    [JsonIgnore]
    public CandidateReport ChosenCandidate => Candidates.Single(candidate => candidate.Outcome == CandidateOutcome.Chosen);

    /// <summary>What was found about the model as it came.</summary>
    [JsonIgnore]
    public CandidateReport OriginalCandidate => Candidates.Single(candidate => candidate.Form == Original);

    /// <summary>The report as it is stored.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ModelJson.Default.OptimizationReport);

    /// <summary>Reads a report.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static OptimizationReport Parse(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, ModelJson.Default.OptimizationReport) ?? throw new JsonException("The report is null.");
}
