namespace Serverless.Inference.Models;

/// <summary>A version that could not be loaded.</summary>
/// <param name="Revision">What was tried: the version's content and the configuration's.</param>
/// <param name="Reason">Why not.</param>
/// <param name="At">When, by the clock's timestamp.</param>
internal sealed record FailedVersion(string Revision, string Reason, long At);
