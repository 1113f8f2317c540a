using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;

namespace Serverless.Core.Tests.Datasets.Import;

public class BaselineAccumulatorTests
{
    [Fact]
    public void Add_AnyRows_AgreesWithTwoPassesInDoublePrecision()
    {
        var cases =
            from columns in Gen.Choose(1, 40)
            from rows in Gen.Choose(1, 60)
            from offset in Gen.Elements(0f, 1000f, -1e5f)
            from seed in Gen.Choose(0, 10_000)
            select (columns, rows, offset, seed);
        Prop.ForAll(cases.ToArbitrary(), test =>
        {
            var random = new Random(test.seed);
            var data = Enumerable.Range(0, test.rows).Select(_ => Enumerable.Range(0, test.columns).Select(_ => test.offset + random.NextSingle()).ToArray()).ToArray();
            var census = new LabelCensus();
            var accumulator = new BaselineAccumulator(test.columns, 1);
            var label = new SourceLabel(1);
            for (var row = 0; row < test.rows; row++)
            {
                label.Whole = row % 3;
                label.Values[0] = row % 3;
                accumulator.Add(data[row], label, census.Add(label, row));
            }

            var classes = new LabelSpec { Kind = LabelKind.Class, Classes = [.. census.Entries.Select(entry => entry.Text), "never"] };
            var baseline = accumulator.ToStatistics(classes, census.Entries, [.. Enumerable.Range(0, census.Entries.Count)]);
            Assert.Equal(test.rows, baseline.Rows);
            for (var column = 0; column < test.columns; column++)
            {
                var values = data.Select(row => (double)row[column]).ToArray();
                var mean = values.Average();
                Assert.Equal((float)mean, baseline.Features.Mean[column], 1e-6f * (1 + MathF.Abs(test.offset)));
                Assert.Equal(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), baseline.Features.StandardDeviation[column], 1e-6);
                Assert.Equal(data.Min(row => row[column]), baseline.Features.Minimum[column]);
                Assert.Equal(data.Max(row => row[column]), baseline.Features.Maximum[column]);
                for (var index = 0; index < census.Entries.Count; index++)
                {
                    var ofClass = data.Where((_, row) => row % 3 == index).Average(row => (double)row[column]);
                    Assert.Equal((float)ofClass, baseline.Classes[index].Mean[column], 1e-6f * (1 + MathF.Abs(test.offset)));
                }
            }

            Assert.Equal(0, baseline.Classes[^1].Rows);
            Assert.Equal(baseline.ToJson(), BaselineStatistics.Parse(baseline.ToJson()).ToJson());
        }).QuickCheckThrowOnFailure();
    }
}
