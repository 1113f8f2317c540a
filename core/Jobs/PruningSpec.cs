using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>
/// Makes weights zero while a network is trained: those of the smallest magnitude, more from round to round, and then goes on training with the others. A weight that has
/// become zero stays zero.
/// </summary>
public sealed record PruningSpec
{
    /// <summary>Which weights.</summary>
    public PruningPattern Pattern { get; init; } = PruningPattern.Unstructured;

    /// <summary>Share of each weight tensor that is zero in the end; one half for <see cref="PruningPattern.TwoOfFour"/>.</summary>
    public double Sparsity { get; init; } = 0.5;

    /// <summary>Share of the rounds after which weights begin to become zero.</summary>
    public double Begin { get; init; } = 0.5;

    /// <summary>Share of the rounds after which no more become zero: what is left is for the others to adjust.</summary>
    public double End { get; init; } = 0.75;

    internal static PruningSpec Read(ObjectReader fields)
    {
        var pattern = fields.Choice("pattern", PruningPattern.Unstructured);
        var spec = new PruningSpec
        {
            Pattern = pattern,
            Sparsity = pattern == PruningPattern.Unstructured ? fields.Number("sparsity", new Interval(0, 1, IncludesMinimum: false, IncludesMaximum: false), 0.5) : 0.5,
            Begin = fields.Number("begin", Interval.RightOpen(0, 1), 0.5),
            End = fields.Number("end", Interval.LeftOpen(0, 1), 0.75),
        };
        if (spec.End <= spec.Begin)
        {
            fields.Fail("end", FormattableString.Invariant($"is {spec.End}; legal ({spec.Begin}, 1], after begin"));
        }

        return spec;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("pattern", EnumWords.For(Pattern));
        if (Pattern == PruningPattern.Unstructured)
        {
            json.WriteNumber("sparsity", Sparsity);
        }

        json.WriteNumber("begin", Begin);
        json.WriteNumber("end", End);
    }
}
