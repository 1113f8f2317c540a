using System.Globalization;
using System.Text.Json;
using Serverless.Cli.Hosting.Queues;

namespace Serverless.Cli.Hosting;

/// <summary>The part of an app's host.json that the local host obeys. Sections it does not know belong to the cloud's host and are left alone.</summary>
/// <param name="RoutePrefix">Stands before every route; the Functions default is "api".</param>
/// <param name="Queues">How queue triggers receive.</param>
internal sealed record HostJson(string RoutePrefix, QueueOptions Queues)
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a host.json; where there is none, all defaults hold.</summary>
    /// <exception cref="HostStartException">The file is not JSON or a value is outside what Functions allows.</exception>
    public static HostJson Read(string path)
    {
        if (!File.Exists(path))
        {
            return new HostJson("api", new QueueOptions());
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            var extensions = Section(document.RootElement, "extensions");
            return new HostJson(
                Section(extensions, "http") is { } http && http.TryGetProperty("routePrefix", out var prefix) ? prefix.GetString() ?? "" : "api",
                ReadQueues(Section(extensions, "queues"), path));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new HostStartException($"{path} is not a valid host.json: {e.Message}");
        }
    }

    private static QueueOptions ReadQueues(JsonElement? queues, string path)
    {
        var defaults = new QueueOptions();
        if (queues is not { } section)
        {
            return defaults;
        }

        var batchSize = Number(section, "batchSize", 1, 32, defaults.BatchSize, path);
        return new QueueOptions
        {
            BatchSize = batchSize,
            NewBatchThreshold = Number(section, "newBatchThreshold", 0, 1000, batchSize / 2, path),
            MaxDequeueCount = Number(section, "maxDequeueCount", 1, int.MaxValue, defaults.MaxDequeueCount, path),
            VisibilityTimeout = Time(section, "visibilityTimeout", TimeSpan.Zero, TimeSpan.FromDays(7), defaults.VisibilityTimeout, path),
            MaxPollingInterval = Time(section, "maxPollingInterval", TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(1), defaults.MaxPollingInterval, path),
            Base64 = Word(section, "messageEncoding", ["base64", "none"], "base64", path) == "base64",
        };
    }

    private static JsonElement? Section(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var section) ? section : null;

    private static int Number(JsonElement section, string name, int least, int most, int otherwise, string path)
    {
        if (!section.TryGetProperty(name, out var value))
        {
            return otherwise;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most
            ? number
            : throw Wrong(path, name, value, string.Create(CultureInfo.InvariantCulture, $"a whole number of {least} to {most}"));
    }

    private static TimeSpan Time(JsonElement section, string name, TimeSpan least, TimeSpan most, TimeSpan otherwise, string path)
    {
        if (!section.TryGetProperty(name, out var value))
        {
            return otherwise;
        }

        return value.ValueKind == JsonValueKind.String && TimeSpan.TryParse(value.GetString(), CultureInfo.InvariantCulture, out var time) && time >= least && time <= most
            ? time
            : throw Wrong(path, name, value, $"a time of {least:c} to {most:c}");
    }

    private static string Word(JsonElement section, string name, string[] words, string otherwise, string path)
    {
        if (!section.TryGetProperty(name, out var value))
        {
            return otherwise;
        }

        return value.ValueKind == JsonValueKind.String && words.FirstOrDefault(word => string.Equals(word, value.GetString(), StringComparison.OrdinalIgnoreCase)) is { } known
            ? known
            : throw Wrong(path, name, value, "one of " + string.Join(", ", words));
    }

    private static HostStartException Wrong(string path, string name, JsonElement value, string legal) =>
        new($"{path}: extensions.queues.{name} is {value.GetRawText()}; it has to be {legal}.");
}
