using Google.Protobuf;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization.Data;
using Serverless.Optimization.Graphs;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Tests;

public sealed class ModelOptimizerTests
{
    private const string Perceptron = """{"type": "linear", "units": 64}, {"type": "relu"}, {"type": "linear"}""";
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void Optimize_NothingKeepsTheBudget_LeavesTheModelAsItIsAndSaysWhatWasLost()
    {
        var onnx = SampleModels.Export(Perceptron, [32], 4);

        // Only who gains a point may come.
        var optimized = ModelOptimizer.Optimize(onnx, Data([32]), Options(ModelForm.Int8Dynamic, ModelForm.Int8MinMax) with { MaxAccuracyLoss = -1 });

        Assert.Same(onnx, optimized.Onnx);
        Assert.Equal(OptimizationReport.Original, optimized.Report.Chosen);
        var original = optimized.Report.OriginalCandidate;
        Assert.Equal((CandidateOutcome.Chosen, "nothing that keeps the budget is faster", onnx.Length), (original.Outcome, original.Reason, original.Bytes!.Value));
        Assert.All(optimized.Report.Candidates.Skip(1), candidate =>
        {
            Assert.Equal(CandidateOutcome.Refused, candidate.Outcome);
            Assert.Matches("points of agreement; at most -1 may be lost|^slower: ", candidate.Reason);
        });
    }

    [Fact]
    public void Optimize_AnyBudget_ReportsEachFormOnceAndChoosesOne()
    {
        var onnx = SampleModels.Export(Perceptron, [32], 4);

        var report = ModelOptimizer.Optimize(onnx, Data([32]), Options(Enum.GetValues<ModelForm>()) with { MaxAccuracyLoss = 100 }).Report;

        Assert.Equal(["original", "graph", "float16", "int8Dynamic", "int8MinMax", "int8Percentile", "int8Entropy", "int8Blocks", "int4Blocks"], report.Candidates.Select(candidate => candidate.Form));
        Assert.Equal(report.Chosen, Assert.Single(report.Candidates, candidate => candidate.Outcome == CandidateOutcome.Chosen).Form);
        Assert.All(report.Candidates, candidate =>
        {
            Assert.NotEmpty(candidate.Reason);
            Assert.InRange(candidate.LatencyBatch1Milliseconds!.Value, 1e-9, 10_000);
            Assert.True(candidate.Outcome == CandidateOutcome.Refused || candidate is { Score: not null, Speedup: > 0 });
        });
        Assert.Equal((64, 16), (report.Rows, report.CalibrationRows));
    }

    [Fact]
    public void Optimize_LargePerceptron_IsFasterInEightBits()
    {
        var onnx = SampleModels.Export("""{"type": "linear", "units": 1024}, {"type": "relu"}, {"type": "linear", "units": 1024}, {"type": "relu"}, {"type": "linear"}""", [1024], 4);

        var report = ModelOptimizer.Optimize(onnx, Data([1024]), Options(ModelForm.Int8MinMax) with { MaxAccuracyLoss = 100, LatencyTime = TimeSpan.FromMilliseconds(200) }).Report;

        // Four times less to read; several times less to compute where there are instructions for it.
        Assert.Equal(("int8MinMax", "the fastest that keeps the budget"), (report.Chosen, report.ChosenCandidate.Reason));
    }

    [Fact]
    public void Optimize_ModelWithoutLayersToRound_SaysSo()
    {
        var graph = ModelGraph.Parse(SampleModels.Export(Perceptron, [32], 4));
        graph.SetNodes([NodeReading.Make("Softmax", "logits", ["input"]), NodeReading.Make("Identity", "probabilities", ["logits"])]);

        var report = ModelOptimizer.Optimize(graph.ToBytes(), Data([32]), Options(ModelForm.Int8Blocks)).Report;

        Assert.Equal("cannot be made: the model has no layer that this form is for", report.Candidates[1].Reason);
        Assert.Equal(OptimizationReport.Original, report.Chosen);
    }

    [Fact]
    public void Optimize_ModelForOneRowAlone_IsMeasuredWithIt()
    {
        var graph = ModelGraph.Parse(SampleModels.Export(Perceptron, [32], 4));
        foreach (var value in graph.Proto.Input.Concat(graph.Proto.Output))
        {
            value.Type.TensorType.Shape.Dim[0] = new TensorShapeProto.Types.Dimension { DimValue = 1 };
        }

        var report = ModelOptimizer.Optimize(graph.ToBytes(), Data([32]), Options(ModelForm.Int8Dynamic) with { MaxAccuracyLoss = 100 }).Report;

        Assert.All(report.Candidates, candidate => Assert.NotNull(candidate.LatencyBatch1Milliseconds));
    }

    [Fact]
    public void Optimize_NotAModel_SaysWhoRefusesIt()
    {
        var error = Assert.Throws<ValidationException>(() => ModelOptimizer.Optimize([1, 2, 3], Data([32]), Options(ModelForm.Graph)));

        Assert.StartsWith("model: ONNX Runtime refuses it: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Optimize_ForAGpu_UsesItOrSaysThatThereIsNone()
    {
        var onnx = SampleModels.Export(Perceptron, [32], 4);

        var error = Record.Exception(() => ModelOptimizer.Optimize(onnx, Data([32]), Options(ModelForm.Float16) with { Device = SessionDevice.Cuda }));

        Assert.True(error is null || error.Message.StartsWith("device: is cuda, which ONNX Runtime cannot use here: ", StringComparison.Ordinal), $"{error}");
    }

    [Fact]
    public void Optimize_RowsOfAnotherLength_SaysWhatTheModelTakes()
    {
        var error = Assert.Throws<ValidationException>(() => ModelOptimizer.Optimize(SampleModels.Export(Perceptron, [32], 4), Data([31]), Options(ModelForm.Graph)));

        Assert.Equal("rows: have 124 bytes, 31 elements of type Float; the model's input is [-1,32]", error.Message);
    }

    [Fact]
    public void Parse_WhatServerlessDoesNotKnow_SurvivesReadingAndWriting()
    {
        // Field 25 of a model, its local functions, and field 15 of a graph, its sparse constants.
        var known = ModelGraph.Parse(SampleModels.Export(Perceptron, [32], 4)).Model;
        byte[] onnx = [.. known.ToByteArray(), 0xca, 0x01, 0x03, 1, 2, 3];

        Assert.Equal(onnx, ModelGraph.Parse(onnx).ToBytes());
    }

    private static OptimizationOptions Options(params ModelForm[] forms) => new() { Forms = forms, CalibrationRows = 16, LatencyTime = Short };

    private static OptimizationData Data(int[] input) => new(SampleModels.Rows(input, 32), SampleModels.Rows(input, 64), null);
}
