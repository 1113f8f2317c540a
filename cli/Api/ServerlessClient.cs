using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Serverless.Cli.Predictions;
using Serverless.ControlPlane.Datasets;
using Serverless.ControlPlane.Jobs;
using Serverless.ControlPlane.Models;
using Serverless.Core.Rounds;

namespace Serverless.Cli.Api;

/// <summary>The host's HTTP functions.</summary>
/// <param name="http">A client whose base address is the host's.</param>
internal sealed class ServerlessClient(HttpClient http)
{
    private static readonly JsonSerializerOptions Json = JsonSerializerOptions.Web;

    /// <summary>Submits a job.</summary>
    /// <param name="spec">The job as JSON.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ApiException">The host found something wrong with it.</exception>
    public async Task<SubmittedJob> SubmitAsync(ReadOnlyMemory<byte> spec, CancellationToken cancellation)
    {
        using var content = new ReadOnlyMemoryContent(spec) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await SendAsync<SubmittedJob>(HttpMethod.Post, "api/jobs", content, cancellation);
    }

    /// <summary>How a job is going.</summary>
    public Task<JobDetails> GetJobAsync(string job, CancellationToken cancellation) => SendAsync<JobDetails>(HttpMethod.Get, $"api/jobs/{Uri.EscapeDataString(job)}", null, cancellation);

    /// <summary>Cancels a job.</summary>
    public Task<JobDetails> CancelJobAsync(string job, CancellationToken cancellation) =>
        SendAsync<JobDetails>(HttpMethod.Delete, $"api/jobs/{Uri.EscapeDataString(job)}", null, cancellation);

    /// <summary>A page of jobs, newest first.</summary>
    public Task<JobList> ListJobsAsync(int limit, string? continuation, CancellationToken cancellation) => SendAsync<JobList>(
        HttpMethod.Get,
        string.Create(CultureInfo.InvariantCulture, $"api/jobs?limit={limit}{(continuation is null ? "" : $"&continuation={Uri.EscapeDataString(continuation)}")}"),
        null,
        cancellation);

    /// <summary>What shards did in rounds after one, in the order in which it was written.</summary>
    public async Task<IReadOnlyList<MetricsLine>> GetMetricsAsync(string job, int after, CancellationToken cancellation)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/jobs/{Uri.EscapeDataString(job)}/metrics?after={after}");
        using var response = await SendAsync(HttpMethod.Get, path, null, cancellation);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation));
        var lines = new List<MetricsLine>();
        while (await reader.ReadLineAsync(cancellation) is { } line)
        {
            lines.Add(JsonSerializer.Deserialize<MetricsLine>(line, Json)!);
        }

        return lines;
    }

    /// <summary>All datasets.</summary>
    public Task<DatasetList> ListDatasetsAsync(CancellationToken cancellation) => SendAsync<DatasetList>(HttpMethod.Get, "api/datasets", null, cancellation);

    /// <summary>All published models.</summary>
    public Task<ModelList> ListModelsAsync(CancellationToken cancellation) => SendAsync<ModelList>(HttpMethod.Get, "api/models", null, cancellation);

    /// <summary>What a served model takes and gives.</summary>
    public Task<ModelDescription> GetModelAsync(string model, string? version, CancellationToken cancellation) =>
        SendAsync<ModelDescription>(HttpMethod.Get, ModelPath(model, version), null, cancellation);

    /// <summary>Asks a served model about rows.</summary>
    /// <param name="model">The model.</param>
    /// <param name="version">Its version, null for the newest.</param>
    /// <param name="input">The input to fill.</param>
    /// <param name="rows">The rows, in the input's element type.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<InferAnswer> InferAsync(string model, string? version, TensorDescription input, InputRows rows, CancellationToken cancellation)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                inputs = new[] { new { name = input.Name, datatype = input.Datatype, shape = input.Shape.Skip(1).Prepend(rows.Count), parameters = new { binary_data_size = rows.Bytes.Length } } },
            },
            Json);
        var body = new byte[header.Length + rows.Bytes.Length];
        header.CopyTo(body, 0);
        rows.Bytes.CopyTo(body.AsMemory(header.Length));
        using var content = new ByteArrayContent(body);
        content.Headers.Add("Inference-Header-Content-Length", header.Length.ToString(CultureInfo.InvariantCulture));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        return await SendAsync<InferAnswer>(HttpMethod.Post, ModelPath(model, version) + "/infer", content, cancellation);
    }

    private static string ModelPath(string model, string? version) =>
        $"v2/models/{Uri.EscapeDataString(model)}{(version is null ? "" : $"/versions/{Uri.EscapeDataString(version)}")}";

    private static ApiException Refused(int status, string text)
    {
        ApiError? error = null;
        try
        {
            error = JsonSerializer.Deserialize<ApiError>(text, Json);
        }
        catch (JsonException)
        {
            // Whatever answered is not one of our functions: what it said is all there is to tell.
        }

        // Where there are errors field by field, the detail is the same once more in one piece.
        var said = error is { Errors.Count: > 0, Title: not null } ? error.Title : error?.Detail ?? error?.Error ?? error?.Title ?? (text.Length is 0 or > 500 ? "no reason given" : text);
        return new ApiException(status, string.Create(CultureInfo.InvariantCulture, $"The host answered {status}: {said}"), error?.Errors ?? []);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        var response = await http.SendAsync(request, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw Refused((int)response.StatusCode, Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation)));
        }
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        using var response = await SendAsync(method, path, content, cancellation);
        return await response.Content.ReadFromJsonAsync<T>(Json, cancellation)
            ?? throw new ApiException((int)response.StatusCode, $"The host answered '{path}' with an empty JSON value.", []);
    }
}
