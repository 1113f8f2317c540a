using System.Globalization;
using System.Text;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;

namespace Serverless.EndToEnd.Installations;

/// <summary>Small datasets that a network can learn: every class is a cloud of points around a corner of its own.</summary>
internal static class TestData
{
    /// <summary>Features of a row; as a picture 1 × 4 × 4.</summary>
    public const int Features = 16;

    /// <summary>Classes.</summary>
    public const int Classes = 4;

    /// <summary>Rows as CSV, the class last.</summary>
    public static string Csv(int rows, int seed)
    {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var row = 0; row < rows; row++)
        {
            var label = random.Next(Classes);
            for (var feature = 0; feature < Features; feature++)
            {
                var value = (feature % Classes == label ? 1.0 : 0.0) + (random.NextDouble() - 0.5);
                text.Append(value.ToString("0.0000", CultureInfo.InvariantCulture)).Append(',');
            }

            text.Append(label).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Imports rows as a dataset whose rows are pictures.</summary>
    public static async Task ImportAsync(Installation installation, string name, int rows, int testRows)
    {
        await installation.Storage.CreateAsync();
        var train = Path.Combine(installation.Folder, $"{name}.csv");
        var test = Path.Combine(installation.Folder, $"{name}-test.csv");
        await File.WriteAllTextAsync(train, Csv(rows, seed: 1));
        await File.WriteAllTextAsync(test, Csv(testRows, seed: 2));
        await new DatasetImporter(new DatasetStore(installation.Storage.Datasets)).ImportAsync(new ImportOptions
        {
            Name = name,
            Format = SourceFormat.Csv,
            Train = new SourceFiles(train),
            Test = new SourceFiles(test),
            Shape = [1, 4, 4],
            PartBytes = ImportOptions.MinPartBytes,
        });
    }
}
