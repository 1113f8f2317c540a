using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Inference.Protocol;

/// <summary>Routes of protocol extensions that this server does not have: each is answered 501 with the reason, so that a client knows it is not a misspelt route.</summary>
public sealed class UnsupportedFunctions(ProtocolEndpoint endpoint)
{
    private const string NoTrace = "Trace settings are not supported by this server; times of a model's requests are at GET /v2/models/stats.";

    /// <summary>Tensors in memory that client and server share.</summary>
    [Function("SystemSharedMemory")]
    public Task<IActionResult> SystemSharedMemory(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/systemsharedmemory/{*path}")] HttpRequest request) =>
        Refuse(request, "Shared memory is not supported by this server; send and ask for the tensors with the request.");

    /// <summary>Tensors in a GPU's memory that client and server share.</summary>
    [Function("CudaSharedMemory")]
    public Task<IActionResult> CudaSharedMemory(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/cudasharedmemory/{*path}")] HttpRequest request) =>
        Refuse(request, "CUDA shared memory is not supported by this server; send and ask for the tensors with the request.");

    /// <summary>Settings of request traces.</summary>
    [Function("TraceSetting")]
    public Task<IActionResult> TraceSetting([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/trace/setting")] HttpRequest request) =>
        Refuse(request, NoTrace);

    /// <summary>Settings of a model's request traces.</summary>
    [Function("ModelTraceSetting")]
    public Task<IActionResult> ModelTraceSetting(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/models/{model}/trace/setting")] HttpRequest request) => Refuse(request, NoTrace);

    /// <summary>Settings of the log.</summary>
    [Function("LogSettings")]
    public Task<IActionResult> LogSettings([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/logging")] HttpRequest request) =>
        Refuse(request, "Log settings cannot be changed by requests; they are the host's configuration, in host.json and application settings.");

    private Task<IActionResult> Refuse(HttpRequest request, string reason)
    {
        ArgumentNullException.ThrowIfNull(request);
        return endpoint.AnswerAsync(request, request.Method, _ => throw ProtocolException.NotSupported(reason));
    }
}
