using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Serverless.Cli.Demo;

/// <summary>Shows pictures with their predictions, side by side: in shades of grey on a terminal, in characters elsewhere.</summary>
internal static class Gallery
{
    private const int Side = FashionMnist.Side;
    private const int Gap = 2;
    private const int WidthOfNoTerminal = 120;

    // From dark to light; two picture rows share a line of text, whose characters are about twice as high as wide.
    private const string Shades = " .:-=+*#%@";

    /// <summary>Shows predictions.</summary>
    public static void Show(IAnsiConsole console, IReadOnlyList<DemoPrediction> predictions, bool isTerminal)
    {
        var each = Side + Gap;
        var across = Math.Max(1, ((isTerminal ? console.Profile.Width : WidthOfNoTerminal) + Gap) / each);
        foreach (var row in predictions.Chunk(across))
        {
            for (var y = 0; y < Side; y += 2)
            {
                var line = new StringBuilder();
                foreach (var picture in row)
                {
                    Append(line, picture.Pixels.Span, y, isTerminal);
                    line.Append(' ', Gap);
                }

                Write(console, line.ToString(), isTerminal);
            }

            Write(console, Line(row, picture => (picture.Correct ? "" : "NOT ") + picture.Predicted, picture => picture.Correct ? "green" : "red", isTerminal), isTerminal);
            Write(console, Line(row, Caption, _ => "dim", isTerminal), isTerminal);
            console.WriteLine();
        }
    }

    private static string Caption(DemoPrediction picture) => string.Create(
        CultureInfo.InvariantCulture, $"{picture.Probability:P0}{(picture.Correct ? " sure, and right" : $" sure; it is: {picture.True}")}");

    private static string Line(DemoPrediction[] row, Func<DemoPrediction, string> text, Func<DemoPrediction, string> style, bool isTerminal) => string.Concat(row.Select(picture =>
    {
        var padded = text(picture).PadRight(Side + Gap)[..(Side + Gap)];
        return isTerminal ? $"[{style(picture)}]{Markup.Escape(padded)}[/]" : padded;
    }));

    private static void Append(StringBuilder line, ReadOnlySpan<byte> pixels, int y, bool isTerminal)
    {
        for (var x = 0; x < Side; x++)
        {
            var (upper, lower) = (pixels[(y * Side) + x], pixels[((y + 1) * Side) + x]);
            if (isTerminal)
            {
                line.Append(CultureInfo.InvariantCulture, $"[rgb({upper},{upper},{upper}) on rgb({lower},{lower},{lower})]▀[/]");
            }
            else
            {
                line.Append(Shades[(upper + lower) * (Shades.Length - 1) / (2 * byte.MaxValue)]);
            }
        }
    }

    private static void Write(IAnsiConsole console, string line, bool isTerminal)
    {
        if (isTerminal)
        {
            console.MarkupLine(line);
        }
        else
        {
            console.WriteLine(line.TrimEnd());
        }
    }
}
