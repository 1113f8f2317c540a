using System.Globalization;
using System.Text;

namespace Serverless.Core.Networks;

/// <summary>A network as a table for people: a line a layer with its output, its parameters and its cost.</summary>
public static class NetworkSummary
{
    /// <summary>Writes the table; every line ends in a line feed.</summary>
    public static string Write(Network network)
    {
        List<string[]> rows = [["layer", "type", "output", "parameters", "MFLOP"]];
        rows.Add(["input", "", Shapes.Format(network.InputShape), "", ""]);
        AddRows(rows, network.Layers);
        rows.Add(["total", "", "", Number(network.Layout.TrainableLength + network.Layout.BufferLength), Mega(network.FlopsPerSample)]);

        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        StringBuilder table = new();
        foreach (string[] row in rows)
        {
            // Words to the left, numbers to the right.
            IEnumerable<string> cells = row.Select((cell, column) => column < 3 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            table.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }

        return table.ToString();
    }

    private static void AddRows(List<string[]> rows, IReadOnlyList<LayerNode> layers)
    {
        foreach (LayerNode layer in layers)
        {
            int own = layer.Parameters.Sum(parameter => parameter.Length);
            rows.Add([layer.Name, layer.Spec.Type, Shapes.Format(layer.Output), own == 0 ? "" : Number(own), Mega(layer.FlopsPerSample)]);
            AddRows(rows, layer.Children);
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Mega(long flops) => (flops / 1e6).ToString("N3", CultureInfo.InvariantCulture);
}
