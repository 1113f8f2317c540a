using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>
/// The optimizer the reducer applies to the mean parameter delta of a round when <c>localSteps</c> is more than 1. A delta is start minus end of the local steps, so
/// that it acts as a gradient (Douillard et al., "DiLoCo", 2023).
/// </summary>
public sealed record OuterSpec
{
    /// <summary>Which optimizer.</summary>
    public OuterKind Type { get; init; } = OuterKind.Average;

    /// <summary>Learning rate; 1 when averaging.</summary>
    public double LearningRate { get; init; } = 1;

    /// <summary>SGD and Nesterov: share of the last step that goes on.</summary>
    public double Momentum { get; init; }

    /// <summary>Adam: decay of the mean delta.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam: decay of the mean squared delta.</summary>
    public double Beta2 { get; init; } = 0.99;

    /// <summary>Adam: added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal static OuterSpec Read(ObjectReader fields)
    {
        var type = fields.Choice("type", OuterKind.Average);
        var spec = new OuterSpec { Type = type };
        var rate = Interval.LeftOpen(0, 1000);
        return type switch
        {
            OuterKind.Sgd => spec with
            {
                LearningRate = fields.Number("learningRate", rate, 1),
                Momentum = fields.Number("momentum", Interval.RightOpen(0, 1), 0),
            },
            OuterKind.Nesterov => spec with
            {
                LearningRate = fields.Number("learningRate", rate, 0.7),
                Momentum = fields.Number("momentum", new Interval(0, 1, false, false), 0.9),
            },
            OuterKind.Adam => spec with
            {
                LearningRate = fields.Number("learningRate", rate, 0.001),
                Beta1 = fields.Number("beta1", Interval.RightOpen(0, 1), 0.9),
                Beta2 = fields.Number("beta2", Interval.RightOpen(0, 1), 0.99),
                Epsilon = fields.Number("epsilon", Interval.LeftOpen(0, 1), 1e-8),
            },
            _ => spec,
        };
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", EnumWords.For(Type));
        if (Type == OuterKind.Average)
        {
            return;
        }

        json.WriteNumber("learningRate", LearningRate);
        if (Type == OuterKind.Adam)
        {
            json.WriteNumber("beta1", Beta1);
            json.WriteNumber("beta2", Beta2);
            json.WriteNumber("epsilon", Epsilon);
        }
        else
        {
            json.WriteNumber("momentum", Momentum);
        }
    }
}
