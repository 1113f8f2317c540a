using System.Globalization;
using System.Text;
using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.Optimization;

/// <summary>Writes a report for people: a table that reads as it is and as Markdown.</summary>
public static class ReportTable
{
    private static readonly string[] Head = ["form", "outcome", "KiB", "1 row, ms", "32 rows, ms", "speed", "points", "lost", "why"];

    /// <summary>The table, with a line about how it came to be.</summary>
    public static string Write(OptimizationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        List<string[]> rows = [Head, .. report.Candidates.Select(Cells)];
        var widths = Enumerable.Range(0, Head.Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        for (var row = 0; row < rows.Count; row++)
        {
            Line(text, rows[row].Select((cell, column) => IsNumber(column) ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column])));
            if (row == 0)
            {
                Line(text, widths.Select((width, column) => IsNumber(column) ? new string('-', width - 1) + ":" : new string('-', width)));
            }
        }

        text.Append('\n').Append(CultureInfo.InvariantCulture, $"Points: {EnumWords.For(report.Measure)} on {report.Rows} rows, of 100; at most {report.MaxAccuracyLoss} may be lost. ");
        text.Append(CultureInfo.InvariantCulture, $"Calibrated on {report.CalibrationRows} rows. Medians on {report.Machine}, one thread a run, {report.Runtime}.\n");
        return text.ToString();
    }

    // The numbers stand between the outcome and the reason.
    private static bool IsNumber(int column) => column > 1 && column < Head.Length - 1;

    private static string[] Cells(CandidateReport candidate) =>
    [
        candidate.Form,
        EnumWords.For(candidate.Outcome),
        candidate.Bytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0}") : "",
        Cell(candidate.LatencyBatch1Milliseconds, "0.000"),
        Cell(candidate.LatencyBatch32Milliseconds, "0.000"),
        candidate.Speedup is { } speedup ? string.Create(CultureInfo.InvariantCulture, $"{speedup:0.00}×") : "",
        Cell(candidate.Score, "0.00"),
        Cell(candidate.Loss, "0.00"),
        candidate.Reason.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "),
    ];

    private static string Cell(double? number, string format) => number?.ToString(format, CultureInfo.InvariantCulture) ?? "";

    private static void Line(StringBuilder text, IEnumerable<string> cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
}
