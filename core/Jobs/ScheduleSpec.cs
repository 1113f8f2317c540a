using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>
/// How the learning rate changes over a job. Steps are counted over the whole job (global steps of a shard), so a round of several local steps
/// passes through several factors.
/// </summary>
public sealed record ScheduleSpec
{
    /// <summary>The curve after the warm-up.</summary>
    public ScheduleKind Type { get; init; } = ScheduleKind.Constant;

    /// <summary>Steps over which the factor rises in a line, from 1/warmupSteps at step 0 to 1.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Cosine: the factor at the last step.</summary>
    public double MinimumFactor { get; init; }

    /// <summary>Step: steps, after the warm-up, between two changes.</summary>
    public int StepEvery { get; init; } = 1;

    /// <summary>Step: what the factor is multiplied by at each change.</summary>
    public double StepFactor { get; init; } = 0.1;

    /// <summary>What to multiply the learning rate by.</summary>
    /// <param name="step">The step about to be done, from 0.</param>
    /// <param name="totalSteps">Steps of the whole job; steps beyond it keep the last factor.</param>
    public double FactorAt(long step, long totalSteps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (step < WarmupSteps)
        {
            return (step + 1.0) / WarmupSteps;
        }

        var since = step - WarmupSteps;
        return Type switch
        {
            ScheduleKind.Cosine => Cosine(since, totalSteps - WarmupSteps - 1),
            ScheduleKind.Step => Math.Pow(StepFactor, since / StepEvery),
            _ => 1,
        };
    }

    internal static ScheduleSpec Read(ObjectReader fields)
    {
        const int longest = 100_000_000;
        var type = fields.Choice("type", ScheduleKind.Constant);
        var spec = new ScheduleSpec { Type = type, WarmupSteps = fields.Whole("warmupSteps", 0, longest, 0) };
        return type switch
        {
            ScheduleKind.Cosine => spec with { MinimumFactor = fields.Number("minimumFactor", Interval.Closed(0, 1), 0) },
            ScheduleKind.Step => spec with
            {
                StepEvery = fields.Whole("stepEvery", 1, longest),
                StepFactor = fields.Number("stepFactor", Interval.LeftOpen(0, 1), 0.1),
            },
            _ => spec,
        };
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", EnumWords.For(Type));
        json.WriteNumber("warmupSteps", WarmupSteps);
        if (Type == ScheduleKind.Cosine)
        {
            json.WriteNumber("minimumFactor", MinimumFactor);
        }
        else if (Type == ScheduleKind.Step)
        {
            json.WriteNumber("stepEvery", StepEvery);
            json.WriteNumber("stepFactor", StepFactor);
        }
    }

    private double Cosine(long since, long last)
    {
        var progress = last <= 0 ? 1 : Math.Min(1, (double)since / last);
        return MinimumFactor + ((1 - MinimumFactor) * 0.5 * (1 + Math.Cos(Math.PI * progress)));
    }
}
