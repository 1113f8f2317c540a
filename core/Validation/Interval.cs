using System.Globalization;

namespace Serverless.Core.Validation;

/// <summary>The legal values of a number, in the usual notation: <c>[0, 1)</c> includes 0 and excludes 1.</summary>
/// <param name="Minimum">The lower end; may be negative infinity.</param>
/// <param name="Maximum">The upper end; may be infinity.</param>
/// <param name="IncludesMinimum">Whether the lower end itself is legal.</param>
/// <param name="IncludesMaximum">Whether the upper end itself is legal.</param>
public readonly record struct Interval(double Minimum, double Maximum, bool IncludesMinimum, bool IncludesMaximum)
{
    /// <summary>Both ends are legal.</summary>
    public static Interval Closed(double minimum, double maximum) => new(minimum, maximum, true, true);

    /// <summary>The upper end is not legal.</summary>
    public static Interval RightOpen(double minimum, double maximum) => new(minimum, maximum, true, false);

    /// <summary>The lower end is not legal.</summary>
    public static Interval LeftOpen(double minimum, double maximum) => new(minimum, maximum, false, true);

    /// <summary>Whether a value is legal. NaN and the infinities never are.</summary>
    public bool Contains(double value) =>
        double.IsFinite(value)
        && (value > Minimum || (IncludesMinimum && value == Minimum))
        && (value < Maximum || (IncludesMaximum && value == Maximum));

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(IncludesMinimum ? '[' : '(')}{Minimum}, {Maximum}{(IncludesMaximum ? ']' : ')')}");
}
