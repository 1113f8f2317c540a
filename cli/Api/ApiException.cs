using Serverless.Core.Validation;

namespace Serverless.Cli.Api;

/// <summary>The host refused a request.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What the host said.</param>
/// <param name="errors">What is wrong with which field, where the host said so.</param>
internal sealed class ApiException(int status, string message, IReadOnlyList<FieldError> errors) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>What is wrong with which field.</summary>
    public IReadOnlyList<FieldError> Errors { get; } = errors;
}
