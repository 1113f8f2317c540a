namespace Serverless.Inference.Protocol;

/// <summary>The protocol's own HTTP headers and content types.</summary>
public static class ProtocolHeaders
{
    /// <summary>The length in bytes of the JSON that starts a body with binary tensors.</summary>
    public const string JsonLength = "Inference-Header-Content-Length";

    /// <summary>The content type of a body with binary tensors.</summary>
    public const string Binary = "application/octet-stream";

    /// <summary>The content type of a body that is all JSON.</summary>
    public const string Json = "application/json";
}
