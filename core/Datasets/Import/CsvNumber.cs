using System.Globalization;

namespace Serverless.Core.Datasets.Import;

/// <summary>Numbers as CSV files write them: with a point, without groups of thousands; pandas' <c>nan</c> and <c>inf</c> included.</summary>
internal static class CsvNumber
{
    // As many digits as a float32 holds exactly.
    private const int ShortDigits = 7;

    public static bool TryParse(ReadOnlySpan<byte> text, out float number)
    {
        // Pixels and counts, by far the most frequent, need no general parser.
        if (TryParseShort(text, out var whole))
        {
            number = whole;
            return true;
        }

        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) || IsInfinity(text, out number);
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out double number)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }

        var isInfinity = IsInfinity(text, out var infinity);
        number = infinity;
        return isInfinity;
    }

    private static bool TryParseShort(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        if (text.Length is 0 or > ShortDigits)
        {
            return false;
        }

        foreach (var character in text)
        {
            var digit = (uint)character - '0';
            if (digit > 9)
            {
                return false;
            }

            number = (10 * number) + (int)digit;
        }

        return true;
    }

    private static bool IsInfinity(ReadOnlySpan<byte> text, out float number)
    {
        var isNegative = text.Length == 4 && text[0] == '-';
        number = isNegative ? float.NegativeInfinity : float.PositiveInfinity;
        var word = isNegative || (text.Length == 4 && text[0] == '+') ? text[1..] : text;
        return word.Length == 3 && (word[0] | 0x20) == 'i' && (word[1] | 0x20) == 'n' && (word[2] | 0x20) == 'f';
    }
}
