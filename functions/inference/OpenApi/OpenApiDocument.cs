using System.Text.Json.Nodes;
using Serverless.Inference.Models;

namespace Serverless.Inference.OpenApi;

/// <summary>Writes the OpenAPI 3.1 document of the Open Inference Protocol as this server speaks it, with the served models' own tensors.</summary>
internal static class OpenApiDocument
{
    private const string Version = "3.1.0";
    private const string Models = "models";
    private const string Server = "server";
    private const string Repository = "repository";

    /// <summary>Builds the document.</summary>
    /// <param name="root">The server's root as the client sees it.</param>
    /// <param name="served">The model versions being served, a model's versions behind each other.</param>
    public static JsonObject Build(string root, IReadOnlyList<ServedModel> served)
    {
        var paths = new JsonObject
        {
            ["/v2"] = Get(Server, "serverMetadata", "Name, version and extensions of the server"),
            ["/v2/health/live"] = Get(Server, "live", "200 as long as the process answers"),
            ["/v2/health/ready"] = Get(Server, "ready", "200 once the published models have been loaded, before that 400"),
            ["/metrics"] = Get(Server, "metrics", "Statistics for Prometheus"),
            ["/v2/models/stats"] = Get(Server, "statistics", "Statistics of all model versions"),
            ["/v2/repository/index"] = Post(Repository, "repositoryIndex", "The models of the repository and their state", ModelSchemas.AnyObject()),
            ["/v2/repository/models/{model}/load"] = WithModel(Post(Repository, "loadModel", "Load a model, or load it again", ModelSchemas.AnyObject())),
            ["/v2/repository/models/{model}/unload"] = WithModel(Post(Repository, "unloadModel", "Stop serving a model", ModelSchemas.AnyObject())),
            ["/v2/models/{model}"] = WithModel(Get(Models, "modelMetadata", "What a model takes and gives")),
            ["/v2/models/{model}/ready"] = WithModel(Get(Models, "modelReady", "200 where the model is being served, otherwise 400")),
            ["/v2/models/{model}/config"] = WithModel(Get(Models, "modelConfig", "How the model is served")),
            ["/v2/models/{model}/stats"] = WithModel(Get(Models, "modelStatistics", "Statistics of the model's versions")),
        };
        var schemas = new JsonObject { ["Error"] = ModelSchemas.Error() };
        foreach (var model in served.GroupBy(model => model.Name, StringComparer.Ordinal))
        {
            var newest = model.MaxBy(version => version.Version)!;
            Add(paths, schemas, $"/v2/models/{Uri.EscapeDataString(model.Key)}/infer", model.Key, newest, $"Inference with model {model.Key}, its newest version");
            foreach (var version in model)
            {
                Add(
                    paths,
                    schemas,
                    $"/v2/models/{Uri.EscapeDataString(model.Key)}/versions/{version.VersionText}/infer",
                    $"{model.Key}-{version.VersionText}",
                    version,
                    $"Inference with version {version.VersionText} of model {model.Key}");
            }
        }

        return new JsonObject
        {
            ["openapi"] = Version,
            ["info"] = new JsonObject
            {
                ["title"] = "Serverless inference",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
                ["description"] = "The Open Inference Protocol v2. Tensors may also travel as raw bytes behind the JSON: see the protocol's binary tensor data extension.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = root }),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static void Add(JsonObject paths, JsonObject schemas, string path, string name, ServedModel model, string summary)
    {
        schemas[$"{name}.request"] = ModelSchemas.Request(model);
        schemas[$"{name}.response"] = ModelSchemas.Response(model);
        var operation = Operation(Models, $"infer_{name}", summary, Reference($"{name}.response"));
        operation["requestBody"] = Body(Reference($"{name}.request"));
        paths[path] = new JsonObject { ["post"] = operation };
    }

    private static JsonObject Get(string tag, string id, string summary) => new() { ["get"] = Operation(tag, id, summary, null) };

    private static JsonObject Post(string tag, string id, string summary, JsonObject body)
    {
        var operation = Operation(tag, id, summary, null);
        operation["requestBody"] = Body(body);
        return new JsonObject { ["post"] = operation };
    }

    private static JsonObject WithModel(JsonObject path)
    {
        path["parameters"] = new JsonArray(new JsonObject
        {
            ["name"] = "model",
            ["in"] = "path",
            ["required"] = true,
            ["schema"] = new JsonObject { ["type"] = "string" },
        });
        return path;
    }

    private static JsonObject Operation(string tag, string id, string summary, JsonObject? answer)
    {
        var ok = new JsonObject { ["description"] = "The answer" };
        if (answer is not null)
        {
            ok["content"] = Json(answer);
        }

        return new JsonObject
        {
            ["operationId"] = id,
            ["summary"] = summary,
            ["tags"] = new JsonArray(tag),
            ["responses"] = new JsonObject
            {
                ["200"] = ok,
                ["default"] = new JsonObject { ["description"] = "What was wrong", ["content"] = Json(Reference("Error")) },
            },
        };
    }

    private static JsonObject Body(JsonObject schema) => new() { ["content"] = Json(schema) };

    private static JsonObject Json(JsonObject schema) => new() { ["application/json"] = new JsonObject { ["schema"] = schema } };

    // A name is a segment of a JSON pointer in a URI fragment.
    private static JsonObject Reference(string schema) => new() { ["$ref"] = $"#/components/schemas/{Uri.EscapeDataString(schema)}" };
}
