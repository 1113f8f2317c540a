using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>
/// The optimizer of a job. With <c>localSteps</c> 1 the reducer applies it to the mean gradient of a round; with more, each shard applies it to its own gradients.
/// The formulas and defaults are those of <c>torch.optim.SGD</c>, <c>Adam</c> and <c>AdamW</c>.
/// </summary>
public sealed record OptimizerSpec
{
    /// <summary>Which optimizer.</summary>
    public OptimizerKind Type { get; init; } = OptimizerKind.Sgd;

    /// <summary>Learning rate before the schedule's factor.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>SGD: share of the last step that goes on; 0 for none.</summary>
    public double Momentum { get; init; }

    /// <summary>SGD: look ahead along the momentum (needs momentum).</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay: added to the gradient (SGD, Adam) or applied to the parameters directly (AdamW).</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam, AdamW: decay of the mean gradient.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam, AdamW: decay of the mean squared gradient.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Adam, AdamW: added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Greatest 2-norm of the whole gradient; a longer one is shortened to it. Null for no limit.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>What becomes of a shard's optimizer state between rounds; without effect when <c>localSteps</c> is 1.</summary>
    public OptimizerState State { get; init; } = OptimizerState.Keep;

    internal static OptimizerSpec Read(ObjectReader fields)
    {
        var type = fields.Choice("type", OptimizerKind.Sgd);
        var spec = new OptimizerSpec
        {
            Type = type,
            LearningRate = fields.Number("learningRate", Interval.LeftOpen(0, 1000), type == OptimizerKind.Sgd ? 0.01 : 0.001),
            WeightDecay = fields.Number("weightDecay", Interval.Closed(0, 10), type == OptimizerKind.AdamW ? 0.01 : 0),
            ClipNorm = fields.OptionalNumber("clipNorm", Interval.LeftOpen(0, 1e6)),
            State = fields.Choice("state", OptimizerState.Keep),
        };
        if (type != OptimizerKind.Sgd)
        {
            return spec with
            {
                Beta1 = fields.Number("beta1", Interval.RightOpen(0, 1), 0.9),
                Beta2 = fields.Number("beta2", Interval.RightOpen(0, 1), 0.999),
                Epsilon = fields.Number("epsilon", Interval.LeftOpen(0, 1), 1e-8),
            };
        }

        spec = spec with { Momentum = fields.Number("momentum", Interval.RightOpen(0, 1), 0), Nesterov = fields.Boolean("nesterov", false) };
        if (spec is { Nesterov: true, Momentum: 0 })
        {
            fields.Fail("nesterov", "is true; legal only with a momentum greater than 0");
        }

        return spec;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", EnumWords.For(Type));
        json.WriteNumber("learningRate", LearningRate);
        if (Type == OptimizerKind.Sgd)
        {
            json.WriteNumber("momentum", Momentum);
            json.WriteBoolean("nesterov", Nesterov);
        }
        else
        {
            json.WriteNumber("beta1", Beta1);
            json.WriteNumber("beta2", Beta2);
            json.WriteNumber("epsilon", Epsilon);
        }

        json.WriteNumber("weightDecay", WeightDecay);
        if (ClipNorm is { } clip)
        {
            json.WriteNumber("clipNorm", clip);
        }

        json.WriteString("state", EnumWords.For(State));
    }
}
