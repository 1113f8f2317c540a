using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Serverless.ControlPlane.Publishing;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane.Tests.Publishing;

[Collection(ControlPlaneCollection.Name)]
public sealed class PublishTests(ControlPlaneApp app) : IAsyncLifetime
{
    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task PublishModel_TrainedAndEvaluatedJob_WritesTheVersionAndEndsTheJob()
    {
        var (job, trainer) = await TrainAsync("published");
        await trainer.EvaluateAsync();
        var checkpoint = new Checkpoint(job.Layout);
        await app.Rounds.TryReadCheckpointAsync(job.Id, 4, checkpoint);

        await PublishAsync(job.Id);

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal((JobState.Succeeded, "published", "1"), (status.State, status.Result!.Model, status.Result.Version));
        Assert.Equal((checkpoint.ParametersSha256(), 0.5, 2.0), (status.Result.ParametersSha256, status.Result.Accuracy, status.Result.Loss));
        var config = (await app.Models.TryGetConfigAsync("published", 1))!;
        Assert.Equal(["FP32 [-1,4]", "FP32 [-1,3]", "FP32 [-1,3]"], config.Inputs.Concat(config.Outputs).Select(Describe));
        Assert.Equal(["input", "logits", "probabilities"], config.Inputs.Concat(config.Outputs).Select(tensor => tensor.Name));
        Assert.Equal(["0", "1", "2"], config.Classes);
        Assert.Equal((true, 1 / 16f), (config.Preprocessing.InsideModel, config.Preprocessing.Scale[0]));
        Assert.Equal(config.Sha256, Convert.ToHexStringLower(SHA256.HashData(await app.Models.ReadOnnxAsync(config))));
        var metrics = (await app.Models.TryGetMetricsAsync("published", 1))!;
        Assert.Equal((job.Id, 12L, 12, checkpoint.ParametersSha256()), (metrics.Job, metrics.TestRows, metrics.ComparedRows, metrics.ParametersSha256));
        Assert.InRange(metrics.MaximumDifference, 0, 1e-5);
        Assert.InRange(metrics.LatencyBatch1Milliseconds, 0, 1000);
        var baseline = await app.Storage.Models.GetBlobClient(ModelBlobs.Baseline("published", 1)).DownloadContentAsync();
        Assert.Equal(40, JsonDocument.Parse(baseline.Value.Content).RootElement.GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task PublishModel_Done_LeavesTheLastFewCheckpoints()
    {
        var (job, trainer) = await TrainAsync("pruned");
        await trainer.EvaluateAsync();

        await PublishAsync(job.Id);

        Assert.Equal(["checkpoints/00002.safetensors", "checkpoints/00003.safetensors", "checkpoints/00004.safetensors"], await BlobsAsync(job.Id, "checkpoints/"));
        Assert.All(await BlobsAsync(job.Id, "rounds/"), blob => Assert.Matches("^rounds/0000[23]/", blob));
    }

    [Fact]
    public async Task PublishModel_CrashedBeforePruning_PrunesAtTheNextDelivery()
    {
        var (job, trainer) = await TrainAsync("unpruned");
        await trainer.EvaluateAsync();
        await app.Jobs.UpdateStatusAsync(job.Id, status => status with { State = JobState.Publishing });
        await app.Jobs.SucceedAsync(job.Id, new JobResult("done"));

        await PublishAsync(job.Id);

        Assert.Empty(await app.Rounds.ListContributionsAsync(job.Id, 1));
        Assert.Equal("done", (await app.Jobs.GetStatusAsync(job.Id))!.Result!.ParametersSha256);
    }

    [Fact]
    public async Task PublishModel_SameJobManyTimesAtOnce_IsOneVersion()
    {
        var (job, trainer) = await TrainAsync("repeated");
        await trainer.EvaluateAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => PublishAsync(job.Id)));
        await PublishAsync(job.Id);

        Assert.Equal([1], (await app.Models.ListAsync()).Where(version => version.Name == "repeated").Select(version => version.Version));
        var config = (await app.Models.TryGetConfigAsync("repeated", 1))!;
        Assert.Equal(config.Sha256, Convert.ToHexStringLower(SHA256.HashData(await app.Models.ReadOnnxAsync(config))));
        Assert.Equal(config.Form, (await app.Models.TryGetReportAsync("repeated", 1))!.Chosen);
        Assert.Equal("1", (await app.Jobs.GetStatusAsync(job.Id))!.Result!.Version);
    }

    [Fact]
    public async Task PublishModel_CrashedBeforeTheConfiguration_FinishesTheSameVersion()
    {
        var (job, trainer) = await TrainAsync("resumed");
        await trainer.EvaluateAsync();
        Assert.Equal(1, await app.Models.ClaimVersionAsync("resumed", job.Id));
        await app.Storage.Models.GetBlobClient(ModelBlobs.Onnx("resumed", 1)).UploadAsync(BinaryData.FromString("half"));
        Assert.DoesNotContain(await app.Models.ListAsync(), version => version.Name == "resumed");

        await PublishAsync(job.Id);

        var config = (await app.Models.TryGetConfigAsync("resumed", 1))!;
        Assert.Equal(config.Bytes, (await app.Models.ReadOnnxAsync(config)).Length);
        Assert.Equal("1", (await app.Jobs.GetStatusAsync(job.Id))!.Result!.Version);
    }

    [Fact]
    public async Task PublishModel_FormsToTry_ReportsWhatBecameOfEach()
    {
        var (job, trainer) = await TrainAsync("reported", """, "forms":["int8Dynamic","float16"], "maxAccuracyLoss":100""");
        await trainer.EvaluateAsync();

        await PublishAsync(job.Id);

        var report = (await app.Models.TryGetReportAsync("reported", 1))!;
        var config = (await app.Models.TryGetConfigAsync("reported", 1))!;
        var metrics = (await app.Models.TryGetMetricsAsync("reported", 1))!;
        Assert.Equal(["original", "int8Dynamic", "float16"], report.Candidates.Select(candidate => candidate.Form));
        Assert.Equal((100.0, 12, 40), (report.MaxAccuracyLoss, report.Rows, report.CalibrationRows));
        Assert.Equal((report.Chosen, report.ChosenCandidate.LatencyBatch1Milliseconds), (config.Form, metrics.LatencyBatch1Milliseconds));
        var table = await app.Storage.Models.GetBlobClient(ModelBlobs.ReportTable("reported", 1)).DownloadContentAsync();
        Assert.Contains("| float16 ", table.Value.Content.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishModel_NoFormsToTry_PublishesTheModelAsItWasTrained()
    {
        var (job, trainer) = await TrainAsync("plain", """, "forms":[]""");
        await trainer.EvaluateAsync();

        await PublishAsync(job.Id);

        Assert.Equal("original", Assert.Single((await app.Models.TryGetReportAsync("plain", 1))!.Candidates).Form);
        Assert.Equal("original", (await app.Models.TryGetConfigAsync("plain", 1))!.Form);
    }

    [Fact]
    public async Task PublishModel_AnEarlierAttemptChoseOtherwise_ItsChoiceHolds()
    {
        var (job, trainer) = await TrainAsync("first-choice");
        await trainer.EvaluateAsync();
        var first = new OptimizationReport
        {
            MaxAccuracyLoss = 0.5,
            Measure = QualityMeasure.Accuracy,
            Rows = 12,
            CalibrationRows = 40,
            Machine = "another one",
            Runtime = "ONNX Runtime",
            Chosen = "int4Blocks",
            Candidates = [new() { Form = "int4Blocks", Outcome = CandidateOutcome.Chosen, Reason = "measured there", Speedup = 9, Loss = 0.25, LatencyBatch1Milliseconds = 3 }],
        };
        ModelProto model = new() { MetadataProps = { Property("job", job.Id), Property("optimization", Encoding.UTF8.GetString(first.ToJson())) } };
        Assert.Equal(1, await app.Models.ClaimVersionAsync("first-choice", job.Id));
        await app.Storage.Models.GetBlobClient(ModelBlobs.Onnx("first-choice", 1)).UploadAsync(BinaryData.FromBytes(model.ToByteArray()));

        await PublishAsync(job.Id);

        var config = (await app.Models.TryGetConfigAsync("first-choice", 1))!;
        Assert.Equal(model.ToByteArray(), await app.Models.ReadOnnxAsync(config));
        Assert.Equal(("int4Blocks", "another one"), (config.Form, (await app.Models.TryGetReportAsync("first-choice", 1))!.Machine));
        var metrics = (await app.Models.TryGetMetricsAsync("first-choice", 1))!;
        Assert.Equal((9.0, 0.25, 3.0), (metrics.Speedup, metrics.AccuracyLoss, metrics.LatencyBatch1Milliseconds));
    }

    [Fact]
    public async Task PublishModel_NextJobOfTheSameModel_IsTheNextVersion()
    {
        for (var version = 1; version <= 2; version++)
        {
            var (job, trainer) = await TrainAsync("series");
            await trainer.EvaluateAsync();
            await PublishAsync(job.Id);
            Assert.Equal($"{version}", (await app.Jobs.GetStatusAsync(job.Id))!.Result!.Version);
        }

        var (_, body) = await app.GetAsync("api/models");
        var series = body.GetProperty("models").EnumerateArray().Single(model => model.GetProperty("name").GetString() == "series");
        Assert.Equal((2, "[2,1]", 0.5), (series.GetProperty("version").GetInt32(), series.GetProperty("versions").GetRawText(), series.GetProperty("accuracy").GetDouble()));
    }

    [Theory]
    [InlineData(0.00025f, "2.5e-04")]
    [InlineData(float.NaN, "")]
    public async Task PublishModel_ExportThatDiffersFromTheTrainers_FailsTheJobWithTheDifferenceAndTakesNoVersion(float error, string difference)
    {
        var name = $"differing-{(float.IsNaN(error) ? "nan" : "some")}";
        var (job, trainer) = await TrainAsync(name);
        await trainer.EvaluateAsync(error);

        await PublishAsync(job.Id);

        var status = (await app.Jobs.GetStatusAsync(job.Id))!;
        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains("differ from the trainers' by up to", status.Failure, StringComparison.Ordinal);
        if (difference.Length > 0)
        {
            Assert.Contains("0.00025", status.Failure, StringComparison.Ordinal);
        }

        Assert.Equal(1, await app.Models.ClaimVersionAsync(name, "next"));
        Assert.Single(await app.TakeAsync(StorageNames.Poison(StorageNames.ModelPublicationsQueue)));
        Assert.Equal(4, await app.Rounds.LatestCheckpointAsync(job.Id));
    }

    [Fact]
    public async Task PublishModel_EvaluationNotComplete_WaitsForTheNextHint()
    {
        var (job, trainer) = await TrainAsync("early");
        await trainer.EvaluateAsync(0, 1);

        await PublishAsync(job.Id);
        Assert.Equal(JobState.Running, (await app.Jobs.GetStatusAsync(job.Id))!.State);

        await trainer.EvaluateAsync(0, 0);
        await PublishAsync(job.Id);
        Assert.Equal(JobState.Succeeded, (await app.Jobs.GetStatusAsync(job.Id))!.State);
    }

    [Fact]
    public async Task PublishModel_JobThatPublishesNothing_SucceedsWithItsParameters()
    {
        var (job, trainer) = await TrainAsync(model: null);
        await trainer.EvaluateAsync();

        await PublishAsync(job.Id);

        var result = (await app.Jobs.GetStatusAsync(job.Id))!.Result!;
        Assert.Equal(64, result.ParametersSha256.Length);
        Assert.Null(result.Model);
    }

    [Fact]
    public async Task PublishModel_CancelledJob_PublishesNothing()
    {
        var (job, trainer) = await TrainAsync("cancelled");
        await trainer.EvaluateAsync();
        await app.Jobs.CancelAsync(job.Id);

        await PublishAsync(job.Id);

        Assert.DoesNotContain(await app.Models.ListAsync(), version => version.Name == "cancelled");
    }

    private async Task<List<string>> BlobsAsync(string job, string prefix)
    {
        var blobs = new List<string>();
        await foreach (var blob in app.Storage.Jobs.GetBlobsAsync(prefix: $"{job}/{prefix}"))
        {
            blobs.Add(blob.Name[(job.Length + 1)..]);
        }

        return blobs;
    }

    private static string Describe(ModelTensor tensor) => $"{tensor.Datatype} [{string.Join(",", tensor.Shape)}]";

    private static StringStringEntryProto Property(string key, string value) => new() { Key = key, Value = value };

    private async Task<(TrainingJob Job, HandTrainer Trainer)> TrainAsync(string? model, string publish = "")
    {
        var job = await app.PlanAsync(model is null ? "" : $$"""
            "publish":{"model":"{{model}}"{{publish}}}
            """);
        var trainer = new HandTrainer(app, job);
        await trainer.TrainAsync();
        return (job, trainer);
    }

    private Task PublishAsync(string job) =>
        app.Functions<PublishFunctions>().Publish(ControlPlaneApp.Message(new PublicationMessage(job).ToBinaryData()), CancellationToken.None);
}
