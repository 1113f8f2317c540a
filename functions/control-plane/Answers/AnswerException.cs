using Microsoft.AspNetCore.Http;
using Serverless.Core.Validation;

namespace Serverless.ControlPlane.Answers;

/// <summary>A request that is answered with an error.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="title">What kind of error it is.</param>
/// <param name="detail">What happened, in words for the user.</param>
/// <param name="errors">What is wrong with which field of the input.</param>
public sealed class AnswerException(int status, string title, string detail, IReadOnlyList<FieldError>? errors = null) : Exception(detail)
{
    /// <summary>What to answer.</summary>
    public Problem Problem { get; } = new(title, status, detail, errors ?? []);

    /// <summary>404: there is no such thing.</summary>
    public static AnswerException NotFound(string detail) => new(StatusCodes.Status404NotFound, "Not found", detail);

    /// <summary>409: not in this state.</summary>
    public static AnswerException Conflict(string detail) => new(StatusCodes.Status409Conflict, "Conflict", detail);

    /// <summary>413: the body is larger than this route takes.</summary>
    public static AnswerException TooLarge(int limit) =>
        new(StatusCodes.Status413PayloadTooLarge, "Body too large", $"The request body is larger than the limit of {limit} bytes.");
}
