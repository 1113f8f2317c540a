using System.Globalization;
using System.Text.Json;
using CsvHelper;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Reads rows of numbers from NPY, CSV and JSON files.</summary>
internal static class RowFile
{
    // A model answers a request at a time: more rows than this are more than one request's worth.
    private const int MaxRows = 100_000;

    private static readonly CsvReaderOptions CsvOptions = new()
    {
        HasHeader = false,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
        FormatProvider = CultureInfo.InvariantCulture,
    };

    /// <summary>Reads a file by the ending of its name.</summary>
    /// <exception cref="ValidationException">The file is not what its name says, or has no rows.</exception>
    public static RawRows Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new ValidationException("input", $"'{path}' {(Directory.Exists(path) ? "is a folder; a file is needed" : "does not exist")}");
        }

        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".npy" => ReadNpy(path),
            ".csv" => ReadCsv(path),
            ".json" => ReadJson(path),
            var ending => throw new ValidationException("input", $"'{path}' ends in '{ending}'; legal are .npy, .csv and .json"),
        };
    }

    private static RawRows ReadNpy(string path)
    {
        using var file = NpyFile.Open("input", path);
        return ReadArray(path, file, file.Rows);
    }

    /// <summary>Reads the first rows of an array file.</summary>
    public static RawRows ReadArray(string path, TensorFile file, long rows)
    {
        if (rows > MaxRows)
        {
            throw new ValidationException("input", string.Create(CultureInfo.InvariantCulture, $"'{path}' has {rows} rows; legal are 1 to {MaxRows} at a time"));
        }

        var values = new float[checked((int)(rows * file.RowElements))];
        var scratch = new byte[64 * 1024];
        var step = scratch.Length / sizeof(double);
        for (var start = 0; start < values.Length; start += step)
        {
            file.Read(values.AsSpan(start, Math.Min(step, values.Length - start)), scratch);
        }

        return new RawRows(path, (int)rows, file.RowElements, values);
    }

    private static RawRows ReadCsv(string path)
    {
        using var file = SourceFile.Open("input", path);
        using var csv = CsvReader.Create(file.Stream, CsvOptions, leaveOpen: true);
        var rows = new RowCollector(path);
        try
        {
            for (var isFirst = true; csv.Read(); isFirst = false)
            {
                var row = new float[csv.FieldCount];
                var notNumbers = Enumerable.Range(0, row.Length).Where(column => !CsvNumber.TryParse(csv.GetSpan(column), out row[column])).ToList();
                if (notNumbers.Count == 0)
                {
                    rows.Add(string.Create(CultureInfo.InvariantCulture, $"line {csv.LineNumber}"), row);
                }
                else if (!isFirst || notNumbers.Count < row.Length)
                {
                    throw rows.Wrong(string.Create(
                        CultureInfo.InvariantCulture, $"line {csv.LineNumber} has '{ObjectReader.Quote(csv.GetString(notNumbers[0]))}' in column {notNumbers[0] + 1}; a number is needed"));
                }

                // Else: a first line without any number is a header.
            }
        }
        catch (CsvFormatException e)
        {
            throw rows.Wrong($"cannot be read at line {e.LineNumber}: {e.Message}");
        }

        return rows.Done(MaxRows);
    }

    private static RawRows ReadJson(string path)
    {
        var rows = new RowCollector(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            if (document.RootElement.ValueKind != JsonValueKind.Array)
            {
                throw rows.Wrong("is no JSON array; an array of rows is needed, such as [[1, 2, 3], [4, 5, 6]]");
            }

            foreach (var row in document.RootElement.EnumerateArray())
            {
                if (row.ValueKind != JsonValueKind.Array)
                {
                    throw rows.Wrong($"has the element {ObjectReader.Quote(row.GetRawText())} where a row is needed; an array of rows looks like [[1, 2, 3], [4, 5, 6]]");
                }

                rows.Add(string.Create(CultureInfo.InvariantCulture, $"row {rows.Count + 1}"), Flatten(rows, row));
            }
        }
        catch (JsonException e)
        {
            throw rows.Wrong($"is not valid JSON: {e.Message}");
        }

        return rows.Done(MaxRows);
    }

    private static IEnumerable<float> Flatten(RowCollector rows, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(inner => Flatten(rows, inner)),
        JsonValueKind.Number => [element.GetSingle()],
        _ => throw rows.Wrong($"has the element {ObjectReader.Quote(element.GetRawText())} in row {rows.Count + 1}; a number is needed"),
    };
}
