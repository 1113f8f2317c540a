using System.Text;
using Serverless.Core.Jobs;

namespace Serverless.EndToEnd.Installations;

/// <summary>Jobs on <see cref="TestData"/>: little arithmetic, many rounds.</summary>
internal static class TestJobs
{
    /// <summary>The dataset they train on.</summary>
    public const string Dataset = "clouds";

    /// <summary>Gradients meet after every step; plain SGD.</summary>
    public static JobSpec EveryStep(int rounds, Aggregation aggregation = Aggregation.Trainers) => Parse($$"""
        {
          "dataset": "{{Dataset}}",
          "network": { "layers": [ { "type": "flatten" }, { "type": "linear", "units": 32 }, { "type": "relu" }, { "type": "linear", "units": {{TestData.Classes}} } ] },
          "shards": 4, "batchSize": 8, "rounds": {{rounds}}, "localSteps": 1, "seed": 3,
          "optimizer": { "type": "sgd", "learningRate": 0.05 },
          "evaluateEvery": {{Math.Max(1, rounds / 4)}},
          "aggregation": "{{(aggregation == Aggregation.Function ? "function" : "trainers")}}"
        }
        """);

    /// <summary>Everything that is easy to lose: eight steps between two meetings, momentum that is kept, dropout, batch norm's statistics.</summary>
    public static JobSpec EightSteps(int rounds, Aggregation aggregation = Aggregation.Trainers) => Parse($$"""
        {
          "dataset": "{{Dataset}}",
          "network": { "layers": [
            { "type": "conv2d", "filters": 4, "kernel": 3, "padding": 1 }, { "type": "batchNorm2d" }, { "type": "relu" }, { "type": "dropout", "probability": 0.2 },
            { "type": "flatten" }, { "type": "linear", "units": {{TestData.Classes}} } ] },
          "shards": 4, "batchSize": 8, "rounds": {{rounds}}, "localSteps": 8, "seed": 4,
          "optimizer": { "type": "sgd", "learningRate": 0.02, "momentum": 0.9, "state": "keep" },
          "outer": { "type": "nesterov", "learningRate": 0.7, "momentum": 0.6 },
          "evaluateEvery": {{Math.Max(1, rounds / 4)}},
          "aggregation": "{{(aggregation == Aggregation.Function ? "function" : "trainers")}}"
        }
        """);

    private static JobSpec Parse(string json) => JobSpec.Parse(Encoding.UTF8.GetBytes(json));
}
