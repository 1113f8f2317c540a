using Serverless.Core.Models;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization;

/// <summary>One form of a model while it is being judged.</summary>
internal sealed class CandidateModel(string form) : IDisposable
{
    /// <summary>The form's name.</summary>
    public string Form { get; } = form;

    /// <summary>The form; null for the model as it came.</summary>
    public ModelForm? Kind { get; init; }

    /// <summary>The model's bytes; empty where they could not be made.</summary>
    public byte[] Onnx { get; set; } = [];

    /// <summary>The model, loaded; null where it could not be.</summary>
    public ModelSession? Session { get; set; }

    /// <summary>Why it is out of the race; null while it is in.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Layers whose numbers were changed; null for none.</summary>
    public int? Layers { get; set; }

    /// <summary>Time until it was loaded.</summary>
    public TimeSpan Load { get; set; }

    /// <summary>Median time of a run with one row.</summary>
    public TimeSpan? Single { get; set; }

    /// <summary>Median time of a run with many rows.</summary>
    public TimeSpan? Batch { get; set; }

    /// <summary>Points of quality.</summary>
    public double? Score { get; set; }

    /// <summary>Whether it may still be chosen.</summary>
    public bool IsIn => Refusal is null;

    /// <summary>Takes it out of the race.</summary>
    public void Refuse(string reason) => Refusal ??= reason;

    /// <summary>How many times as fast it is as another one: the geometric mean over the numbers of rows.</summary>
    public double SpeedupOver(CandidateModel other) => Math.Sqrt((other.Single!.Value / Single!.Value) * (other.Batch!.Value / Batch!.Value));

    /// <inheritdoc/>
    public void Dispose() => Session?.Dispose();
}
