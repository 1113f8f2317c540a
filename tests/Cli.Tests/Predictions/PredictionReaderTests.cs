using System.Text.Json;
using Serverless.Cli.Api;
using Serverless.Cli.Predictions;

namespace Serverless.Cli.Tests.Predictions;

public sealed class PredictionReaderTests
{
    [Fact]
    public void Read_Probabilities_GivesTheBestClassesFirst()
    {
        var answer = Answer(("logits", [2, 3], "[0,0,0,0,0,0]"), ("probabilities", [2, 3], "[0.2,0.7,0.1,0.5,0.0,0.5]"));

        var predictions = PredictionReader.Read(answer, rows: 2, ["cat", "dog"], top: 2);

        Assert.Equal([new ClassProbability("dog", 1, 0.7), new ClassProbability("cat", 0, 0.2)], predictions[0].Classes);

        // Equal ones in the order of their indices; a class without a name by its index.
        Assert.Equal([new ClassProbability("cat", 0, 0.5), new ClassProbability("2", 2, 0.5)], predictions[1].Classes);
    }

    [Fact]
    public void Read_NoProbabilities_GivesTheNumbers()
    {
        var predictions = PredictionReader.Read(Answer(("output", [2, 1], "[[1.5],[-2]]")), rows: 2, [], top: 1);

        Assert.Null(predictions[0].Classes);
        Assert.Equal([[1.5], [-2]], predictions.Select(prediction => prediction.Values!));
    }

    private static InferAnswer Answer(params (string Name, long[] Shape, string Data)[] outputs) =>
        new("model", "1", [.. outputs.Select(output => new InferAnswer.Output(output.Name, "FP32", output.Shape, JsonDocument.Parse(output.Data).RootElement))]);
}
