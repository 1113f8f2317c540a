using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Reads rows of numbers from NPY, CSV and JSON files.</summary>
internal static class RowFile
{
    // A model answers a request at a time: more rows than this are more than one request's worth.
    private const int MaxRows = 100_000;

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
        using var reader = new StreamReader(path);
        using var csv = new CsvParser(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { TrimOptions = TrimOptions.Trim });
        var rows = new RowCollector(path);
        while (csv.Read())
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {csv.RawRow}");
            var record = csv.Record ?? [];
            if (rows.Count == 0 && rows.Width == 0 && record.All(text => !IsNumber(text)))
            {
                // A first line without any number is a header.
                continue;
            }

            rows.Add(place, record.Select((text, column) => IsNumber(text)
                ? float.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)
                : throw rows.Wrong(string.Create(CultureInfo.InvariantCulture, $"{place}, column {column + 1}, is '{ObjectReader.Quote(text)}'; a number is needed"))));
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

    private static bool IsNumber(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
