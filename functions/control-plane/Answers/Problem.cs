using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Answers;

/// <summary>What every error is answered with, after RFC 9457 (<c>application/problem+json</c>).</summary>
/// <param name="Title">What kind of error it is.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What happened, in words for the user.</param>
/// <param name="Errors">What is wrong with which field of the input.</param>
public sealed record Problem(string Title, int Status, string Detail, IReadOnlyList<FieldError> Errors)
{
    /// <summary>The content type.</summary>
    public const string ContentType = "application/problem+json";
}
