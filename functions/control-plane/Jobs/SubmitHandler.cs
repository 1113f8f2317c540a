using Microsoft.AspNetCore.Http;
using Serverless.ControlPlane.Answers;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Jobs;

/// <summary>Accepts jobs: whatever can be wrong with one is found before anything of it is stored.</summary>
public sealed class SubmitHandler(JobStore jobs, DatasetStore datasets)
{
    /// <summary>The header by which a repeated request is known: the same key gives the same job.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    private const int MaxKeyLength = 200;

    /// <summary>Submits the job in a request's body.</summary>
    /// <returns>The job's id.</returns>
    /// <exception cref="ValidationException">The spec is wrong in itself, or does not fit its dataset.</exception>
    /// <exception cref="AnswerException">413: the body is too large.</exception>
    public async Task<string> SubmitAsync(HttpRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var key = Key(request);
        var body = await BoundedBody.ReadAsync(request, JobLimits.SpecBytes, cancellation);
        var spec = JobSpec.Parse(body);
        var train = await datasets.GetManifestAsync(spec.Dataset, DatasetSplits.Train, cancellation);

        // The plan itself is made again from the queue; here it only shows whether there can be one.
        _ = Planner.Plan("submission", spec, train);
        return key is null ? await jobs.SubmitAsync(spec, cancellation) : await jobs.SubmitOnceAsync(key, spec, cancellation);
    }

    private static string? Key(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(IdempotencyKey, out var header))
        {
            return null;
        }

        var key = header.ToString();
        return key.Length is > 0 and <= MaxKeyLength
            ? key
            : throw new ValidationException(IdempotencyKey, $"has {key.Length} characters; legal 1..{MaxKeyLength}");
    }
}
