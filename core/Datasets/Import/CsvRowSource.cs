using System.Globalization;
using System.Text;
using CsvHelper;
using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Rows from a CSV file. The separator is found among comma, semicolon, tab and bar. Unless the user says, the first record is a header if a field of it that
/// should be
/// a feature is no number, or if it names the column of the label.
/// </summary>
internal sealed class CsvRowSource : RowSource
{
    private const int MaxRecordBytes = 64 * 1024 * 1024;

    private static readonly CsvReaderOptions Options = new()
    {
        HasHeader = false,
        TrimWhitespace = true,
        TrackLineNumbers = true,
        MalformedData = CsvMalformedDataHandling.Throw,
        MaxRecordSize = MaxRecordBytes,
        FormatProvider = CultureInfo.InvariantCulture,
        BufferSize = 256 * 1024,
    };

    private readonly SourceFile _file;
    private readonly CsvReader _csv;
    private readonly string[]? _header;
    private readonly int _columns;
    private readonly int _label;
    private bool _isAtRow;

    public CsvRowSource(string field, string path, LabelColumn label, bool? hasHeader)
    {
        _file = SourceFile.Open(field, path);
        _csv = CsvReader.Create(_file.Stream, Options, leaveOpen: true);
        try
        {
            if (!ReadRecord())
            {
                throw _file.Error("has no rows");
            }

            _columns = _csv.FieldCount;
            if (_columns < 2)
            {
                throw _file.Error($"has {_columns} column; a label and at least one feature are needed");
            }

            (_header, _label) = FindHeader(label, hasHeader);
            _isAtRow = _header is null || ReadRecord();
            if (!_isAtRow)
            {
                throw _file.Error("has a header and no rows");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Field => _file.Field;

    public override string Path => _file.Path;

    public override FeatureType Type => FeatureType.Float32;

    public override IReadOnlyList<int> Shape => [_columns - 1];

    public override IReadOnlyList<string>? Names => _header?.Where((_, column) => column != _label).ToArray();

    public override int LabelWidth => 1;

    public override bool Read(Span<float> features, SourceLabel label)
    {
        if (!_isAtRow)
        {
            return false;
        }

        Place = _csv.LineNumber;
        if (_csv.FieldCount != _columns)
        {
            throw _file.Error($"has {_csv.FieldCount} fields in line {Place}; the lines before have {_columns}");
        }

        for (var column = 0; column < _columns; column++)
        {
            if (column == _label)
            {
                ReadLabel(label);
            }
            else
            {
                ReadFeature(column, out features[column < _label ? column : column - 1]);
            }
        }

        _isAtRow = ReadRecord();
        return true;
    }

    public override string Describe(long place, int? feature) =>
        $"{ColumnName(feature is not { } index ? _label : index < _label ? index : index + 1)} of line {place}";

    public override string Describe(long place) => $"line {place}";

    public override void Dispose()
    {
        _csv.Dispose();
        _file.Dispose();
    }

    private (string[]? Header, int Label) FindHeader(LabelColumn label, bool? hasHeader)
    {
        var fields = Enumerable.Range(0, _columns).Select(_csv.GetString).ToArray();
        var isNumber = Enumerable.Range(0, _columns).Select(column => CsvNumber.TryParse(_csv.GetSpan(column), out float _)).ToArray();

        // A number may be a column's name, but in a first record that is not known to be a header it is more likely a value.
        var names = hasHeader switch
        {
            true => fields,
            false => [],
            null => fields.Select((field, column) => isNumber[column] ? null : field).ToArray(),
        };
        var index = label.Find(names, _columns, _file.Path);
        var isHeader = hasHeader ?? (names[index] == label.Text || isNumber.Where((_, column) => column != index).Any(number => !number));
        return (isHeader ? fields : null, index);
    }

    private bool ReadRecord()
    {
        try
        {
            return _csv.Read();
        }
        catch (CsvFormatException exception)
        {
            throw _file.Error($"cannot be read at line {exception.LineNumber}: {exception.Message}");
        }
        catch (InvalidDataException exception)
        {
            throw _file.Error($"is damaged: {exception.Message}");
        }
    }

    private void ReadFeature(int column, out float feature)
    {
        var text = _csv.GetSpan(column);
        if (!CsvNumber.TryParse(text, out feature))
        {
            throw _file.Error(text.IsEmpty
                ? $"has nothing in {ColumnName(column)} of line {Place}; a number is needed"
                : $"has '{Quote(text)}' in {ColumnName(column)} of line {Place}; a number is needed");
        }
    }

    private void ReadLabel(SourceLabel label)
    {
        var text = _csv.GetSpan(_label);
        if (text.IsEmpty)
        {
            throw _file.Error($"has no label in line {Place}");
        }

        label.IsNumber = CsvNumber.TryParse(text, out double value);
        label.Values[0] = label.IsNumber ? (float)value : float.NaN;
        label.Whole = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
            : label.IsNumber && double.IsInteger(value) && Math.Abs(value) <= 1L << 53 ? (long)value
            : null;
        label.Text = label.Whole is null ? Encoding.UTF8.GetString(text) : null;
    }

    private string ColumnName(int column) => _header is null ? $"column {column + 1}" : $"column {column + 1} ('{ObjectReader.Quote(_header[column])}')";

    private static string Quote(ReadOnlySpan<byte> text) => ObjectReader.Quote(Encoding.UTF8.GetString(text[..Math.Min(text.Length, 256)]));
}
