using System.Globalization;
using System.Security.Cryptography;
using Google.Protobuf;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Networks.Onnx;
using Serverless.Core.Rounds;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Publishing;

/// <summary>
/// Ends jobs: takes the last checkpoint and its evaluation, writes ONNX, checks that ONNX Runtime gives what the trainers gave, and publishes the next version of the
/// model. Published or not, the result can be had again: doing it twice gives the same version.
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
            var version = await PublishAsync(job, publish.Model, checkpoint, evaluation, result, cancellation);
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
        TrainingJob job, string model, Checkpoint checkpoint, EvaluationSummary evaluation, JobResult result, CancellationToken cancellation)
    {
        var train = await datasets.GetManifestAsync(job.Spec.Dataset, DatasetSplits.Train, job.Plan.DatasetSha256, cancellation);
        var properties = new Dictionary<string, string> { ["job"] = job.Id, ["parametersSha256"] = result.ParametersSha256 };
        var onnx = OnnxExporter.Export(job.Network, checkpoint.Trainable, checkpoint.Buffers, train, job.Spec.Loss, properties).ToByteArray();
        var findings = await check.RunAsync(job, train, onnx, cancellation);
        if (!findings.IsAccepted)
        {
            throw new ValidationException("publish", string.Create(
                CultureInfo.InvariantCulture,
                $"the exported model's outputs differ from the trainers' by up to {findings.Difference:g3} over {findings.Rows} test rows; at most {findings.Tolerance:g3} is accepted"));
        }

        // Only now a number: a model that fails its check leaves no gap.
        var version = await models.ClaimVersionAsync(model, job.Id, cancellation);
        var measured = new ModelMetrics
        {
            Job = job.Id,
            ParametersSha256 = result.ParametersSha256,
            TestRows = evaluation.Rows,
            Accuracy = evaluation.Accuracy,
            Loss = evaluation.MeanLoss,
            ComparedRows = findings.Rows,
            MaximumDifference = findings.Difference,
            LatencyBatch1Milliseconds = findings.LatencyBatch1Milliseconds,
            LatencyBatch32Milliseconds = findings.LatencyBatch32Milliseconds,
        };
        var config = new ModelConfig
        {
            Name = model,
            Version = version,
            Job = job.Id,
            Dataset = job.Spec.Dataset,
            Created = time.GetUtcNow(),
            Sha256 = Convert.ToHexStringLower(SHA256.HashData(onnx)),
            Bytes = onnx.Length,
            Inputs = findings.Inputs,
            Outputs = findings.Outputs,
            Classes = train.Label.Classes,
            Preprocessing = new ModelPreprocessing(InsideModel: true, train.Scaling.Offset, train.Scaling.Scale),
        };
        var baseline = await datasets.GetBaselineAsync(train, cancellation);
        await models.WriteAsync(config, new ModelFiles(onnx, measured, baseline.ToJson()), cancellation);
        return version;
    }
}
