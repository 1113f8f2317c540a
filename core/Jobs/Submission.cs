using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>A message of the queue <c>training-jobs</c>: a hint to plan a job that was submitted already, or a spec to submit, as it would be posted over HTTP.</summary>
/// <param name="Job">The job to plan, or null.</param>
/// <param name="Spec">The spec to submit, or null.</param>
public sealed record Submission(string? Job, JobSpec? Spec)
{
    /// <summary>Reads a message. What has a field <c>job</c> is a hint.</summary>
    /// <exception cref="ValidationException">It is neither a hint nor a legal spec.</exception>
    public static Submission Parse(BinaryData message)
    {
        ArgumentNullException.ThrowIfNull(message);
        using var document = JsonInput.Parse(message.ToMemory(), JobLimits.SpecBytes);
        var errors = new FieldErrors();
        var fields = new ObjectReader(document.RootElement, "", errors);
        if (!fields.IsObject || !fields.TryGet("job", out _))
        {
            return new Submission(null, JobSpecReader.Read(document.RootElement));
        }

        var job = fields.Text("job", "the id of a job");
        if (!JobId.IsValid(job))
        {
            fields.Fail("job", $"is \"{ObjectReader.Quote(job)}\"; legal {JobId.Rule}");
        }

        fields.Finish();
        errors.ThrowIfAny();
        return new Submission(job, null);
    }
}
