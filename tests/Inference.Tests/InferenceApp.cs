using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Core.Models;
using Serverless.Core.Storage;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;
using Serverless.Testing;

namespace Serverless.Inference.Tests;

/// <summary>The inference app over HTTP with a real store. Models are loaded when a test asks for it, not by the clock.</summary>
public sealed class InferenceApp : IAsyncLifetime
{
    private readonly AzuriteServer _azurite = new();
    private readonly string _cache = Directory.CreateTempSubdirectory("serverless-models-").FullName;
    private FunctionServer? _server;

    public HttpClient Client => _server!.Client;

    public ServerlessStorage Storage { get; private set; } = null!;

    public ModelStore Store { get; private set; } = null!;

    public ModelRepository Repository => _server!.Services.GetRequiredService<ModelRepository>();

    public async Task InitializeAsync()
    {
        Storage = ServerlessStorage.Connect(_azurite.ConnectionString);
        await Storage.CreateAsync();
        Store = new ModelStore(Storage);
        _server = await FunctionServer.StartAsync(typeof(InferenceServices).Assembly, Configure);
    }

    /// <summary>Takes the store away for a while.</summary>
    public async Task WithoutStoreAsync(Func<Task> act)
    {
        _azurite.Kill();
        try
        {
            await act();
        }
        finally
        {
            _azurite.Start();
        }
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        await _azurite.DisposeAsync();
        Directory.Delete(_cache, recursive: true);
    }

    /// <summary>Where models are kept on disk.</summary>
    public string Cache => _cache;

    /// <summary>Puts a blob among the models, as somebody does who has a model from elsewhere.</summary>
    public async Task PutAsync(string path, byte[] content) => await Storage.Models.GetBlobClient(path).UploadAsync(BinaryData.FromBytes(content), overwrite: true);

    /// <summary>Posts to a route and gives status and body.</summary>
    public async Task<(int Status, JsonElement Body)> PostAsync(string route, string? json)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json ?? ""));
        using var answer = await Client.PostAsync(new Uri(route, UriKind.Relative), content);
        return ((int)answer.StatusCode, await JsonAsync(answer));
    }

    /// <summary>Publishes a model's next version and waits until it serves, or has been refused.</summary>
    public async Task<int> PublishAsync(string name, byte[] onnx)
    {
        var version = await Store.ClaimVersionAsync(name, Guid.NewGuid().ToString("n"));
        await Store.WriteAsync(Config(name, version, onnx), Files(onnx));
        await Repository.RefreshAsync(CancellationToken.None);
        return version;
    }

    public static ModelConfig Config(string name, int version, byte[] onnx) => new()
    {
        Name = name,
        Version = version,
        Job = "20261120-183000-x7k2m9q4",
        Dataset = "none",
        Created = DateTimeOffset.UnixEpoch,
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(onnx)),
        Bytes = onnx.Length,
        Inputs = [],
        Outputs = [],
        Classes = [],
        Preprocessing = new ModelPreprocessing(true, [0], [1]),
    };

    public static ModelFiles Files(byte[] onnx) => new(
        onnx,
        new ModelMetrics
        {
            Job = "20261120-183000-x7k2m9q4",
            ParametersSha256 = "",
            TestRows = 0,
            ComparedRows = 0,
            MaximumDifference = 0,
            LatencyBatch1Milliseconds = 0,
            LatencyBatch32Milliseconds = 0,
        },
        "{}"u8.ToArray());

    /// <summary>Sends a request and gives status and body.</summary>
    public async Task<(int Status, JsonElement Body)> InferAsync(string model, string json)
    {
        using var answer = await PostAsync(model, Encoding.UTF8.GetBytes(json), null);
        return ((int)answer.StatusCode, await JsonAsync(answer));
    }

    /// <summary>Sends a request with binary tensors behind its JSON.</summary>
    public Task<HttpResponseMessage> InferAsync(string model, string json, byte[] tensors)
    {
        var header = Encoding.UTF8.GetBytes(json);
        return PostAsync(model, [.. header, .. tensors], header.Length.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sends any bytes, without a content type.</summary>
    public async Task<HttpResponseMessage> PostAsync(string model, byte[] body, string? jsonLength)
    {
        using var content = new ByteArrayContent(body);
        if (jsonLength is not null)
        {
            content.Headers.TryAddWithoutValidation(ProtocolHeaders.JsonLength, jsonLength);
        }

        return await Client.PostAsync(new Uri($"v2/models/{model}/infer", UriKind.Relative), content);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (answer.Headers.TryGetValues(ProtocolHeaders.JsonLength, out var length))
        {
            bytes = bytes[..int.Parse(length.Single(), CultureInfo.InvariantCulture)];
        }

        return bytes.Length == 0 ? default : JsonDocument.Parse(bytes).RootElement;
    }

    public static async Task<byte[]> TensorsAsync(HttpResponseMessage answer)
    {
        Assert.Equal(new MediaTypeHeaderValue("application/octet-stream"), answer.Content.Headers.ContentType);
        var length = int.Parse(answer.Headers.GetValues(ProtocolHeaders.JsonLength).Single(), CultureInfo.InvariantCulture);
        return (await answer.Content.ReadAsByteArrayAsync())[length..];
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AzureWebJobsStorage"] = _azurite.ConnectionString,
            ["Inference:PollInterval"] = "01:00:00",
            ["Inference:MaxRequestBytes"] = "4194304",
            ["Inference:MaxBatchSize"] = "512",
            ["Inference:RetryFailedAfter"] = "00:00:00",
            ["Inference:CacheDirectory"] = _cache,
        });
        builder.Services.AddInference(builder.Configuration);
    }
}
