using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;
using Serverless.Core.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>The model repository over HTTP: what there is, load, unload. Loading and unloading is about the process that answers.</summary>
public sealed class RepositoryFunctions(
    ProtocolEndpoint endpoint, ModelRepository models, ModelCache cache, LoadRequestReader reader, IOptions<InferenceOptions> options)
{
    private const int MaxControlBytes = 1 << 20;

    /// <summary>All models with the state of their versions.</summary>
    [Function("RepositoryIndex")]
    public Task<IActionResult> Index([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/repository/index")] HttpRequest request) =>
        endpoint.AnswerAsync(request, HttpMethods.Post, async cancellation =>
        {
            var onlyReady = await ReadControlAsync(request, body => body.TryGetProperty("ready", out var ready) && Boolean(ready, "ready"), cancellation);
            var index = await models.IndexAsync(onlyReady, cancellation);
            return new JsonAnswer<IReadOnlyList<RepositoryIndexEntry>>(StatusCodes.Status200OK, index, ProtocolJson.Default.IReadOnlyListRepositoryIndexEntry);
        });

    /// <summary>Loads a model, or loads it anew; 200 once it serves.</summary>
    [Function("RepositoryLoad")]
    public Task<IActionResult> Load(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/repository/models/{model}/load")] HttpRequest request, string model) =>
        endpoint.AnswerAsync(request, HttpMethods.Post, async cancellation =>
        {
            Admit(model);
            var load = await reader.ReadAsync(request, model, cancellation);
            await models.LoadAsync(model, await ReplaceAsync(load, cancellation), cancellation);
            return new StatusAnswer(StatusCodes.Status200OK);
        });

    /// <summary>Stops serving a model; 200 at once, requests that have begun are finished.</summary>
    [Function("RepositoryUnload")]
    public Task<IActionResult> Unload(
        [HttpTrigger(AuthorizationLevel.Anonymous, Route = "v2/repository/models/{model}/unload")] HttpRequest request, string model) =>
        endpoint.AnswerAsync(request, HttpMethods.Post, async cancellation =>
        {
            Admit(model);
            // No model here depends on another: with or without them is the same.
            await ReadControlAsync(
                request,
                body => body.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
                    && parameters.TryGetProperty("unload_dependents", out var dependents) && Boolean(dependents, "unload_dependents"),
                cancellation);
            await models.UnloadAsync(model, cancellation);
            return new StatusAnswer(StatusCodes.Status200OK);
        });

    private void Admit(string model)
    {
        if (!options.Value.ModelControl)
        {
            throw ProtocolException.Forbidden("Loading and unloading by requests is switched off (Inference__ModelControl).");
        }

        if (!ModelName.IsValid(model))
        {
            throw ProtocolException.BadRequest($"'{(model.Length <= 80 ? model : model[..80] + "…")}' is no model's name; legal is {ModelName.Rule}.");
        }
    }

    private async Task<ModelOverride?> ReplaceAsync(LoadRequest load, CancellationToken cancellation)
    {
        if (load is { Config: null, Versions.Count: 0 })
        {
            return null;
        }

        if (load.Versions.Count == 0)
        {
            return new ModelOverride(load.Config, null);
        }

        var versions = new List<SourceVersion>();
        try
        {
            foreach (var (number, files) in load.Versions.OrderByDescending(version => version.Key))
            {
                var folder = await cache.StoreAsync(files, cancellation);
                versions.Add(new SourceVersion(number, Path.GetFileName(folder), null, folder));
            }

            return new ModelOverride(load.Config, versions);
        }
        catch (ModelLoadException wrong)
        {
            versions.ForEach(version => cache.Delete(version.Folder!));
            throw ProtocolException.BadRequest($"The model cannot be loaded: {wrong.Message}");
        }
    }

    // Clients send an object, or nothing.
    private static Task<bool> ReadControlAsync(HttpRequest request, Func<JsonElement, bool> read, CancellationToken cancellation) =>
        RequestBody.ReadAsync(request, MaxControlBytes, body => !body.IsEmpty && ReadControl(body, read), cancellation);

    private static bool ReadControl(ReadOnlySequence<byte> body, Func<JsonElement, bool> read)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? read(document.RootElement)
                : throw ProtocolException.BadRequest($"The request must be a JSON object, given {document.RootElement.ValueKind}.");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            // Text that is not valid UTF-8 shows only when it is compared.
            throw ProtocolException.BadRequest($"The request is not valid JSON: {broken.Message}");
        }
    }

    private static bool Boolean(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw ProtocolException.BadRequest($"{name} must be true or false, given {value.ValueKind}."),
    };
}
