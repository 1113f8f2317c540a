using Serverless.Core.Tensors;

namespace Serverless.Core.Datasets.Import;

/// <summary>Rows from an array of features and an array of labels.</summary>
internal sealed class TensorRowSource : RowSource
{
    private const int BlockBytes = 1 << 20;

    private readonly TensorFile _features;
    private readonly TensorFile _labels;
    private readonly float[] _featureBlock;
    private readonly float[] _labelBlock;
    private readonly long[] _wholeBlock;
    private readonly byte[] _scratch;
    private readonly int _blockRows;
    private long _read;
    private int _inBlock;
    private int _next;

    /// <param name="features">The features; disposed with this.</param>
    /// <param name="labels">The labels; disposed with this.</param>
    /// <param name="shape">Dimensions of a row.</param>
    /// <param name="labelKind">What the user says labels are.</param>
    public TensorRowSource(TensorFile features, TensorFile labels, IReadOnlyList<int> shape, LabelKind? labelKind)
    {
        (_features, _labels, Shape) = (features, labels, shape);
        if (features.Rows != labels.Rows)
        {
            throw labels.File.Error($"has {labels.Rows} labels, '{features.File.Path}' has {features.Rows} rows");
        }

        if (labels.RowElements > LabelSpec.MaxWidth)
        {
            throw labels.File.Error($"has labels of {labels.RowElements} numbers; legal 1..{LabelSpec.MaxWidth}");
        }

        if (labels.RowElements > 1 && (labelKind == LabelKind.Class || (labelKind is null && !labels.IsFloat)))
        {
            throw labels.File.Error($"has {labels.RowElements} numbers a label; a class is one number");
        }

        LabelWidth = labels.RowElements;
        var rowBytes = Math.Max(features.RowElements * (long)features.Type.Bytes(), labels.RowElements * (long)labels.Type.Bytes());
        _blockRows = (int)Math.Max(1, Math.Min(features.Rows, BlockBytes / rowBytes));
        _featureBlock = new float[_blockRows * features.RowElements];
        var whole = !labels.IsFloat && LabelWidth == 1;
        _wholeBlock = whole ? new long[_blockRows] : [];
        _labelBlock = whole ? [] : new float[_blockRows * LabelWidth];
        _scratch = new byte[_blockRows * rowBytes];
    }

    public override string Field => _features.File.Field;

    public override string Path => _features.File.Path;

    public override FeatureType Type => _features.Type is TensorType.UInt8 or TensorType.Bool ? FeatureType.UInt8 : FeatureType.Float32;

    public override IReadOnlyList<int> Shape { get; }

    public override int LabelWidth { get; }

    public override bool HasFloatLabels => _labels.IsFloat;

    public override long? Rows => _features.Rows;

    public override bool Read(Span<float> features, SourceLabel label)
    {
        if (_next == _inBlock && !ReadBlock())
        {
            return false;
        }

        _featureBlock.AsSpan(_next * features.Length, features.Length).CopyTo(features);
        if (_wholeBlock.Length > 0)
        {
            label.Whole = _wholeBlock[_next];
            label.Values[0] = _wholeBlock[_next];
        }
        else
        {
            _labelBlock.AsSpan(_next * LabelWidth, LabelWidth).CopyTo(label.Values);
            label.Whole = LabelWidth == 1 && float.IsInteger(label.Values[0]) ? (long)label.Values[0] : null;
        }

        Place = _read - _inBlock + _next++;
        return true;
    }

    public override string Describe(long place, int? feature) => feature is null ? $"the label of row {place}" : $"feature {feature} of row {place} "
        + $"(both counted from 0)";

    public override string Describe(long place) => $"row {place} (counted from 0)";

    public override void Dispose()
    {
        _features.Dispose();
        _labels.Dispose();
    }

    private bool ReadBlock()
    {
        _inBlock = (int)Math.Min(_blockRows, _features.Rows - _read);
        _next = 0;
        if (_inBlock == 0)
        {
            _features.File.CheckEnd($"its {_features.Rows} rows");
            _labels.File.CheckEnd($"its {_labels.Rows} labels");
            return false;
        }

        _features.Read(_featureBlock.AsSpan(0, _inBlock * _features.RowElements), _scratch);
        if (_wholeBlock.Length > 0)
        {
            _labels.Read(_wholeBlock.AsSpan(0, _inBlock), _scratch);
        }
        else
        {
            _labels.Read(_labelBlock.AsSpan(0, _inBlock * LabelWidth), _scratch);
        }

        _read += _inBlock;
        return true;
    }
}
