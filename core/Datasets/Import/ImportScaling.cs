using System.Globalization;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>How an import chooses the scaling it records in the manifest.</summary>
public sealed record ImportScaling
{
    private ImportScaling(float? divisor, bool isStandard) => (Divisor, IsStandard) = (divisor, isStandard);

    /// <summary>Values stay as they are.</summary>
    public static ImportScaling None { get; } = new(1, false);

    /// <summary>Every feature gets mean 0 and standard deviation 1 over the train split.</summary>
    public static ImportScaling Standard { get; } = new(null, true);

    /// <summary>What all features are divided by, where that is the scaling.</summary>
    public float? Divisor { get; }

    /// <summary>Whether mean and standard deviation of each feature are the scaling.</summary>
    public bool IsStandard { get; }

    /// <summary>All features are divided by a number.</summary>
    /// <exception cref="ValidationException">It is not a finite number above 0 with a finite reciprocal.</exception>
    public static ImportScaling DivideBy(float divisor) => divisor > 0 && float.IsFinite(divisor) && float.IsFinite(1 / divisor)
        ? new ImportScaling(divisor, false)
        : throw Illegal(divisor.ToString(CultureInfo.InvariantCulture));

    /// <summary>Reads <c>none</c>, <c>standard</c> or a number to divide by.</summary>
    /// <exception cref="ValidationException">It is none of these.</exception>
    public static ImportScaling Parse(string text) => text switch
    {
        "none" => None,
        "standard" => Standard,
        _ => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var divisor) ? DivideBy(divisor) : throw Illegal(text),
    };

    private static ValidationException Illegal(string text) =>
        new("scale", $"is '{ObjectReader.Quote(text)}'; legal are none, standard, and numbers above 0 that features are divided by");
}
