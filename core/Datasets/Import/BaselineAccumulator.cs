using System.Numerics;
using System.Runtime.InteropServices;

namespace Serverless.Core.Datasets.Import;

/// <summary>Gathers the statistics of a split while its rows pass by.</summary>
internal sealed class BaselineAccumulator(int features, int labelWidth)
{
    private readonly ColumnAccumulator _features = new(features);
    private readonly ColumnAccumulator _values = new(labelWidth);

    // Sums by the provisional numbers of the labels; dropped once they would take too much memory.
    private readonly List<double[]> _sums = [];
    private bool _keepsSums = true;

    /// <summary>Adds a row.</summary>
    /// <param name="row">Raw features.</param>
    /// <param name="label">The label.</param>
    /// <param name="id">Provisional number of the label.</param>
    public void Add(ReadOnlySpan<float> row, SourceLabel label, int id)
    {
        _features.Add(row);
        if (label.IsNumber)
        {
            _values.Add(label.Values);
        }

        if (id == _sums.Count && _keepsSums)
        {
            _keepsSums = (_sums.Count + 1L) * row.Length <= BaselineStatistics.MaxClassMeans;
            if (_keepsSums)
            {
                _sums.Add(new double[row.Length]);
            }
            else
            {
                _sums.Clear();
            }
        }

        if (_keepsSums && id >= 0)
        {
            AddTo(_sums[id], row);
        }
    }

    /// <summary>The statistics of what was added.</summary>
    /// <param name="label">What labels are.</param>
    /// <param name="entries">The labels by their provisional numbers.</param>
    /// <param name="classes">The class of each provisional number.</param>
    public BaselineStatistics ToStatistics(LabelSpec label, IReadOnlyList<LabelEntry> entries, int[] classes)
    {
        var baseline = new BaselineStatistics { Rows = _features.Rows, Features = _features.ToStatistics() };
        if (label.Kind == LabelKind.Value)
        {
            return baseline with { Values = _values.ToStatistics() };
        }

        // Names of classes the split has no row of have no provisional number.
        var idOf = classes.Select((index, id) => (index, id)).ToDictionary(pair => pair.index, pair => pair.id);
        return baseline with
        {
            Classes = [.. label.Classes.Select((name, index) => idOf.TryGetValue(index, out var id)
                ? new ClassStatistics { Class = name, Rows = entries[id].Rows, Mean = _keepsSums ? MeanOf(_sums[id], entries[id].Rows) : [] }
                : new ClassStatistics { Class = name, Rows = 0, Mean = [] })],
        };
    }

    private static float[] MeanOf(double[] sums, long rows) => Array.ConvertAll(sums, sum => (float)(sum / rows));

    private static void AddTo(double[] sums, ReadOnlySpan<float> row)
    {
        ref var values = ref MemoryMarshal.GetReference(row);
        ref var target = ref MemoryMarshal.GetArrayDataReference(sums);
        var i = 0;
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(Vector.LoadUnsafe(ref values, (nuint)i), out var low, out var high);
            (Vector.LoadUnsafe(ref target, (nuint)i) + low).StoreUnsafe(ref target, (nuint)i);
            var next = (nuint)(i + Vector<double>.Count);
            (Vector.LoadUnsafe(ref target, next) + high).StoreUnsafe(ref target, next);
        }

        for (; i < row.Length; i++)
        {
            sums[i] += row[i];
        }
    }
}
