using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Inference.Configuration;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>Reads the bodies of load requests: an object with <c>parameters</c>, or nothing.</summary>
public sealed class LoadRequestReader(IOptions<InferenceOptions> options)
{
    private const string ConfigParameter = "config";
    private const string FilePrefix = "file:";
    private const string Legal = "legal are config and file:<version>/<name>";

    /// <summary>Reads a load request.</summary>
    /// <exception cref="ProtocolException">400, saying what is wrong with it.</exception>
    internal Task<LoadRequest> ReadAsync(HttpRequest request, string model, CancellationToken cancellation) =>
        RequestBody.ReadAsync(request, options.Value.MaxRequestBytes, body => Parse(body, model), cancellation);

    private LoadRequest Parse(ReadOnlySequence<byte> body, string model)
    {
        if (body.IsEmpty)
        {
            return new LoadRequest(null, new Dictionary<int, Dictionary<string, byte[]>>());
        }

        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = options.Value.MaxJsonDepth });
            var load = Parse(ref reader, model);
            reader.Read();
            return load;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or DecoderFallbackException)
        {
            throw ProtocolException.BadRequest($"The request is not valid JSON: {broken.Message}");
        }
        catch (ValidationException wrong)
        {
            throw ProtocolException.BadRequest($"The configuration is wrong: {string.Join("; ", wrong.Errors)}");
        }
    }

    private static LoadRequest Parse(ref Utf8JsonReader reader, string model)
    {
        ModelServingConfig? config = null;
        var versions = new Dictionary<int, Dictionary<string, byte[]>>();
        Expect(ref reader, JsonTokenType.StartObject, "The request", "a JSON object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals("parameters"u8))
            {
                reader.Read();
                reader.Skip();
                continue;
            }

            Expect(ref reader, JsonTokenType.StartObject, "parameters", "an object");
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                Expect(ref reader, JsonTokenType.String, $"The parameter '{name}'", "a string");
                if (name == ConfigParameter)
                {
                    config = ModelServingConfigFile.Read(Encoding.UTF8.GetBytes(reader.GetString()!), model);
                }
                else
                {
                    AddFile(ref reader, name, versions);
                }
            }
        }

        return versions.Count == 0 || config is not null
            ? new LoadRequest(config, versions)
            : throw ProtocolException.BadRequest("A request that brings files must say how to serve them, in the parameter config; \"{}\" leaves everything open.");
    }

    private static void AddFile(ref Utf8JsonReader reader, string parameter, Dictionary<int, Dictionary<string, byte[]>> versions)
    {
        var path = parameter.StartsWith(FilePrefix, StringComparison.Ordinal) ? parameter[FilePrefix.Length..].Split('/', 2) : [];
        if (path.Length != 2 || !ModelBlobs.TryParseVersion(path[0], out var version) || !ModelVersionFiles.IsSafe(path[1]))
        {
            throw ProtocolException.BadRequest($"The parameter '{(parameter.Length <= 80 ? parameter : parameter[..80] + "…")}' is unknown; {Legal}.");
        }

        if (!reader.TryGetBytesFromBase64(out var content))
        {
            throw ProtocolException.BadRequest($"The parameter '{parameter}' is not base64.");
        }

        if (!versions.TryGetValue(version, out var files))
        {
            versions[version] = files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        }

        files[path[1]] = content;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what, string expected)
    {
        reader.Read();
        if (reader.TokenType != type)
        {
            throw ProtocolException.BadRequest($"{what} must be {expected}, given {JsonTokens.Describe(in reader, 40)}.");
        }
    }
}
