using System.Globalization;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Answers;

/// <summary>Reads numbers out of a URL's query.</summary>
internal static class QueryValue
{
    /// <summary>A whole number, or null where it is absent.</summary>
    /// <exception cref="ValidationException">It is something else, or outside the range.</exception>
    public static long? Whole(string name, string? value, long minimum, long maximum)
    {
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw new ValidationException(name, $"is \"{ObjectReader.Quote(value)}\"; legal {minimum}..{maximum}");
    }
}
