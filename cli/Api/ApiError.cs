using Serverless.Core.Validation;

namespace Serverless.Cli.Api;

/// <summary>The two ways in which hosts say what is wrong: the control plane's problem details, and the inference protocol's one sentence.</summary>
/// <param name="Title">What kind of error it is.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Error">The inference protocol's sentence.</param>
/// <param name="Errors">What is wrong with which field.</param>
internal sealed record ApiError(string? Title, string? Detail, string? Error, IReadOnlyList<FieldError>? Errors);
