using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization.Data;
using Serverless.Optimization.Measuring;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Tests.Measuring;

/// <summary>Models whose outputs are a row's own numbers, so that rows say what is answered.</summary>
public sealed class QualityTests
{
    [Fact]
    public void Of_Classes_CountsThoseThatAreRight()
    {
        using var session = Identity(3);
        var rows = SampleModels.Floats([1, 0, 0, 0, 5, 0, 0, 0, 2, 9, 1, 1], 4);

        var quality = Quality.Of(session, rows, TestLabels.OfClasses([0, 1, 2, 1]));

        Assert.Equal((QualityMeasure.Accuracy, 75.0, 4), (quality.Measure, quality.Original, quality.Rows));
        Assert.Equal(75, quality.Score(session));
    }

    [Fact]
    public void Of_Numbers_IsThePartOfTheirVarianceThatIsExplained()
    {
        using var session = Identity(1);

        var quality = Quality.Of(session, SampleModels.Floats([1, 2, 3, 4], 4), TestLabels.OfValues([1, 2, 3, 5]));

        // The squared error is 1; the labels' squared deviations from 2.75 sum to 8.75.
        Assert.Equal(QualityMeasure.Determination, quality.Measure);
        Assert.Equal(100 * (1 - (1 / 8.75)), quality.Original, 1e-9);
    }

    [Fact]
    public void Of_NoLabels_TakesTheOriginalsAnswersForRight()
    {
        using ModelSession classifier = Identity(3), number = Identity(1);

        Assert.Equal((QualityMeasure.Agreement, 100.0), Measured(Quality.Of(classifier, SampleModels.Rows([3], 5), null)));
        Assert.Equal((QualityMeasure.Resemblance, 100.0), Measured(Quality.Of(number, SampleModels.Rows([1], 5), null)));
    }

    [Fact]
    public void Of_MoreRowsThanABatch_MeasuresEachOnce()
    {
        using var session = Identity(2);
        var rows = SampleModels.Floats([.. Enumerable.Range(0, 101).SelectMany(row => new[] { row % 4 == 0 ? 1f : 0, 0.5f })], 101);

        // Row 0, 4, … 100 are of class 0.
        Assert.Equal(100 * 26 / 101.0, Quality.Of(session, rows, TestLabels.OfClasses(new int[101])).Original, 1e-9);
    }

    [Fact]
    public void Of_LabelsThatAreNoClassesOfTheModel_SaysWhichAreLegal()
    {
        using var session = Identity(3);

        var error = Assert.Throws<ValidationException>(() => Quality.Of(session, SampleModels.Rows([3], 2), TestLabels.OfClasses([0, 3])));

        Assert.Equal("labels: are 2 classes of 0..3; legal are 2 of 0..2", error.Message);
    }

    private static ModelSession Identity(int width)
    {
        var layer = SampleModels.Export("""{"type": "relu"}, {"type": "linear", "bias": false}""", [width], width);
        var graph = Graphs.ModelGraph.Parse(layer);
        var weights = graph.Proto.Initializer.Single(tensor => tensor.Dims.Count == 2);
        var values = new float[width * width];
        for (var i = 0; i < width; i++)
        {
            values[(i * width) + i] = 1;
        }

        weights.RawData = Google.Protobuf.ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return new ModelSession(graph.ToBytes());
    }

    private static (QualityMeasure Measure, double Original) Measured(Quality quality) => (quality.Measure, quality.Original);
}
