using Microsoft.AspNetCore.Http;

namespace Serverless.Inference.Protocol;

/// <summary>A request that is answered with an error of the protocol, <c>{"error": message}</c>.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What was wrong: which tensor, what was expected, what was given.</param>
public sealed class ProtocolException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>400: the request is wrong.</summary>
    public static ProtocolException BadRequest(string message) => new(StatusCodes.Status400BadRequest, message);

    /// <summary>403: this server does not do that for requests.</summary>
    public static ProtocolException Forbidden(string message) => new(StatusCodes.Status403Forbidden, message);

    /// <summary>404: no such model or version.</summary>
    public static ProtocolException NotFound(string message) => new(StatusCodes.Status404NotFound, message);

    /// <summary>501: a part of the protocol that this server does not have.</summary>
    public static ProtocolException NotSupported(string message) => new(StatusCodes.Status501NotImplemented, message);

    /// <summary>413: the body is larger than this server takes.</summary>
    public static ProtocolException TooLarge(long limit) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The request body is larger than the limit of {limit} bytes.");
}
