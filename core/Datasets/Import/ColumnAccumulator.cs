using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Mean, deviation and range of columns in one pass, in double precision.
/// Source of the recurrence: Welford, "Note on a method for calculating corrected sums of squares and products" (Technometrics 4, 1962).
/// </summary>
internal sealed class ColumnAccumulator
{
    private readonly double[] _mean;
    private readonly double[] _squares;
    private readonly float[] _minimum;
    private readonly float[] _maximum;

    public ColumnAccumulator(int columns)
    {
        _mean = new double[columns];
        _squares = new double[columns];
        _minimum = new float[columns];
        _maximum = new float[columns];
        Array.Fill(_minimum, float.PositiveInfinity);
        Array.Fill(_maximum, float.NegativeInfinity);
    }

    public long Rows { get; private set; }

    public void Add(ReadOnlySpan<float> row)
    {
        TensorPrimitives.Min(row, _minimum, _minimum);
        TensorPrimitives.Max(row, _maximum, _maximum);
        var share = 1.0 / ++Rows;
        var columns = row.Length;
        ref var values = ref MemoryMarshal.GetReference(row);
        ref var means = ref MemoryMarshal.GetArrayDataReference(_mean);
        ref var squares = ref MemoryMarshal.GetArrayDataReference(_squares);
        var i = 0;
        for (; i <= columns - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref values, (nuint)i), out var low, out var high);
            Add(low, share, ref means, ref squares, (nuint)i);
            Add(high, share, ref means, ref squares, (nuint)(i + Vector<double>.Count));
        }

        for (; i < columns; i++)
        {
            var difference = row[i] - _mean[i];
            _mean[i] += difference * share;
            _squares[i] += difference * (row[i] - _mean[i]);
        }
    }

    public ColumnStatistics ToStatistics() => new()
    {
        Mean = Array.ConvertAll(_mean, mean => (float)mean),
        StandardDeviation = Array.ConvertAll(_squares, squares => (float)Math.Sqrt(squares / Rows)),
        Minimum = _minimum,
        Maximum = _maximum,
    };

    private static void Add(Vector<double> values, double share, ref double means, ref double squares, nuint index)
    {
        var mean = Vector.LoadUnsafe(ref means, index);
        var difference = values - mean;
        mean += difference * share;
        mean.StoreUnsafe(ref means, index);
        (Vector.LoadUnsafe(ref squares, index) + (difference * (values - mean))).StoreUnsafe(ref squares, index);
    }
}
