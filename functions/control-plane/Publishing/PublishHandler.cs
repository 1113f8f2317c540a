using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;
using Serverless.Optimization;
using Serverless.Optimization.Data;

namespace Serverless.ControlPlane.Publishing;

/// <summary>
/// Ends jobs: takes the last checkpoint and its evaluation, writes ONNX, checks that ONNX Runtime gives what the trainers gave, chooses the fastest form of it that keeps the
/// job's budget, and publishes that as the next version of the model. Published or not, the result can be had again: doing it twice gives the same version.
/// </summary>
public sealed class PublishHandler(
    JobStore jobs, RoundStore rounds, MetricsLog metrics, DatasetStore datasets, ModelStore models, ExportCheck check, TimeProvider time)
{
    /// <summary>Publishes a job's result, if the job has come that far.</summary>
    /// <exception cref="JobNotFoundException">There is no such job.</exception>
    /// <exception cref="ValidationException">The exported model does not give what the trainers gave.</exception>
    public async Task PublishAsync(PublicationMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var status = await jobs.GetStatusAsync(message.Job, cancellation) ?? throw new JobNotFoundException(message.Job);
        if (status.State == JobState.Succeeded)
        {
            // Done before, perhaps but for this.
            await PruneAsync(message.Job, status.Rounds, cancellation);
        }

        if (status.IsEnded || await TrainingJob.LoadAsync(jobs, message.Job, cancellation) is not { } job)
        {
            return;
        }

        var checkpoint = new Checkpoint(job.Layout);
        var evaluation = await rounds.ReadEvaluationsAsync(job.Id, job.Plan.Rounds, cancellation);
        var isEvaluated = !job.Plan.IsEvaluationDue(job.Plan.Rounds) || job.Plan.Shards.All(shard => shard.TestRows == 0 || evaluation.Shards.Contains(shard.Index));
        if (!isEvaluated || !await rounds.TryReadCheckpointAsync(job.Id, job.Plan.Rounds, checkpoint, cancellation: cancellation))
        {
            // A hint that came too early; another one follows when the last evaluation is there.
            return;
        }

        status = await BeginAsync(job.Id, cancellation);
        if (status.State != JobState.Publishing)
        {
            return;
        }

        if (evaluation.Rows > 0)
        {
            await metrics.AppendEvaluationAsync(job.Id, job.Plan.Rounds, evaluation, time.GetUtcNow(), cancellation);
        }

        var result = new JobResult(checkpoint.ParametersSha256(), Accuracy: evaluation.Accuracy, Loss: evaluation.MeanLoss);
        if (job.Spec.Publish is { } publish)
        {
            var version = await PublishAsync(job, publish, checkpoint, evaluation, result, cancellation);
            result = result with { Model = publish.Model, Version = version.ToString(CultureInfo.InvariantCulture) };
        }

        await jobs.SucceedAsync(job.Id, result, cancellation);
        await PruneAsync(job.Id, job.Plan.Rounds, cancellation);
    }

    private Task PruneAsync(string job, int last, CancellationToken cancellation) =>
        rounds.PruneAsync(job, last - RoundStore.EarlierCheckpointsKept, cancellation);

    private Task<JobStatus> BeginAsync(string job, CancellationToken cancellation) => jobs.UpdateStatusAsync(
        job,
        status => status.State == JobState.Running ? status.With(time.GetUtcNow(), "trained, publishing") with { State = JobState.Publishing, Round = status.Rounds } : null,
        cancellation);

    private async Task<int> PublishAsync(
        TrainingJob job, PublishSpec publish, Checkpoint checkpoint, EvaluationSummary evaluation, JobResult result, CancellationToken cancellation)
    {
        var options = new OptimizationOptions { MaxAccuracyLoss = publish.MaxAccuracyLoss, Forms = publish.Forms ?? OptimizationOptions.DefaultForms };
        var train = await datasets.GetManifestAsync(job.Spec.Dataset, DatasetSplits.Train, job.Plan.DatasetSha256, cancellation);
        var data = await DatasetSamples.ReadAsync(datasets, train, options, cancellation);
        var properties = new Dictionary<string, string> { ["job"] = job.Id, ["parametersSha256"] = result.ParametersSha256 };
        var onnx = OnnxExporter.Export(job.Network, checkpoint.Trainable, checkpoint.Buffers, train, job.Spec.Loss, properties).ToByteArray();
        var findings = await check.RunAsync(job, data.Test, onnx, cancellation);
        if (!findings.IsAccepted)
        {
            throw new ValidationException("publish", string.Create(
                CultureInfo.InvariantCulture,
                $"the exported model's outputs differ from the trainers' by up to {findings.Difference:g3} over {findings.Rows} test rows; at most {findings.Tolerance:g3} is accepted"));
        }

        var optimized = await Task.Run(() => PublishedModel.Of(ModelOptimizer.Optimize(onnx, data, options, cancellation)), cancellation);

        // Only now a number: a model that fails its check leaves no gap.
        var version = await models.ClaimVersionAsync(publish.Model, job.Id, cancellation);

        // An attempt before this one, or beside it, may have measured and chosen otherwise: the first choice holds.
        var kept = await models.KeepFirstOnnxAsync(publish.Model, version, optimized.Onnx, first => PublishedModel.TryRead(first, job.Id) is not null, cancellation);
        var published = PublishedModel.TryRead(kept, job.Id)!;
        await WriteAsync(job, train, published, version, checkpoint, evaluation, findings, cancellation);
        return version;
    }

    private async Task WriteAsync(
        TrainingJob job,
        DatasetManifest train,
        PublishedModel published,
        int version,
        Checkpoint checkpoint,
        EvaluationSummary evaluation,
        ExportFindings findings,
        CancellationToken cancellation)
    {
        var chosen = published.Report.ChosenCandidate;
        var metrics = new ModelMetrics
        {
            Job = job.Id,
            ParametersSha256 = checkpoint.ParametersSha256(),
            TestRows = evaluation.Rows,
            Accuracy = evaluation.Accuracy,
            Loss = evaluation.MeanLoss,
            AccuracyLoss = chosen.Loss ?? 0,
            Speedup = chosen.Speedup ?? 1,
            Sparsity = MagnitudePruning.Of(job)?.SparsityOf(checkpoint.Trainable) ?? 0,
            ComparedRows = findings.Rows,
            MaximumDifference = findings.Difference,
            LatencyBatch1Milliseconds = chosen.LatencyBatch1Milliseconds ?? 0,
            LatencyBatch32Milliseconds = chosen.LatencyBatch32Milliseconds ?? 0,
        };
        var config = new ModelConfig
        {
            Name = job.Spec.Publish!.Model,
            Version = version,
            Job = job.Id,
            Dataset = job.Spec.Dataset,
            Form = published.Report.Chosen,
            Created = time.GetUtcNow(),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(published.Onnx)),
            Bytes = published.Onnx.Length,
            Inputs = findings.Inputs,
            Outputs = findings.Outputs,
            Classes = train.Label.Classes,
            Preprocessing = new ModelPreprocessing(InsideModel: true, train.Scaling.Offset, train.Scaling.Scale),
        };
        var baseline = await datasets.GetBaselineAsync(train, cancellation);
        var files = new ModelFiles(published.Onnx, metrics, baseline.ToJson()) { Report = published.Report, ReportTable = ReportTable.Write(published.Report) };
        await models.WriteAsync(config, files, cancellation);
    }
}
