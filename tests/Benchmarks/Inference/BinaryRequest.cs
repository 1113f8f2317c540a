using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Datasets;
using Serverless.Core.Networks.Onnx;

namespace Serverless.Benchmarks.Inference;

/// <summary>A request for one row with everything binary, and the answer it must get.</summary>
internal sealed class BinaryRequest
{
    /// <summary>The protocol's header with the length of a body's JSON part.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    private const double Tolerance = 1e-4;

    private readonly string _model;
    private readonly float[] _probabilities;

    private BinaryRequest(string model, byte[] body, int jsonLength, float[] probabilities)
    {
        _model = model;
        Body = body;
        JsonLength = jsonLength;
        _probabilities = probabilities;
    }

    /// <summary>The body.</summary>
    public byte[] Body { get; }

    /// <summary>Bytes of its JSON part.</summary>
    public int JsonLength { get; }

    /// <summary>Where it is posted, relative to a server's root.</summary>
    public string Path => $"v2/models/{_model}/infer";

    /// <summary>Builds the request and computes its answer.</summary>
    /// <param name="network">The network.</param>
    /// <param name="model">The name it is served under.</param>
    public static BinaryRequest Build(ServedNetwork network, string model)
    {
        var row = network.Row();
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            inputs = new[]
            {
                new { name = OnnxExporter.InputName, datatype = network.Datatype, shape = network.Shape.Prepend(1), parameters = new { binary_data_size = row.Length } },
            },
            parameters = new { binary_data_output = true },
        });
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, IntraOpNumThreads = 1 };
        using var session = new InferenceSession(network.Onnx, options);
        using var run = new RunOptions();
        using var input = Input(network, row);
        using var outputs = session.Run(run, [OnnxExporter.InputName], [input], [OnnxExporter.ProbabilitiesName]);
        return new BinaryRequest(model, [.. json, .. row], json.Length, outputs[0].GetTensorDataAsSpan<float>().ToArray());
    }

    /// <summary>A row as ONNX Runtime's input, without the batch of more.</summary>
    public static OrtValue Input(ServedNetwork network, byte[] row)
    {
        long[] shape = [1, .. network.Shape.Select(dimension => (long)dimension)];
        return network.Type == FeatureType.UInt8
            ? OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, row.AsMemory(), shape)
            : OrtValue.CreateTensorValueFromMemory(MemoryMarshal.Cast<byte, float>(row).ToArray(), shape);
    }

    /// <summary>Sends it once.</summary>
    /// <returns>Whether the answer was the right one; false too for an answer that was none.</returns>
    /// <exception cref="HttpRequestException">Nobody listens.</exception>
    public async Task<bool> TrySendAsync(HttpClient client, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(Body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add(JsonLengthHeader, JsonLength.ToString(CultureInfo.InvariantCulture));
        using var answer = await client.PostAsync(new Uri(Path, UriKind.Relative), content, cancellation);
        if (!answer.IsSuccessStatusCode || !answer.Headers.TryGetValues(JsonLengthHeader, out var lengths))
        {
            return false;
        }

        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellation);
        return IsRight(bytes, int.Parse(lengths.Single(), CultureInfo.InvariantCulture));
    }

    private bool IsRight(byte[] bytes, int jsonLength)
    {
        using var json = JsonDocument.Parse(bytes.AsMemory(0, jsonLength));
        var offset = jsonLength;
        foreach (var output in json.RootElement.GetProperty("outputs").EnumerateArray())
        {
            var size = output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
            if (output.GetProperty("name").ValueEquals(OnnxExporter.ProbabilitiesName))
            {
                var given = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(offset, size));
                for (var i = 0; i < _probabilities.Length; i++)
                {
                    if (!(Math.Abs(given[i] - _probabilities[i]) <= Tolerance))
                    {
                        return false;
                    }
                }

                return given.Length == _probabilities.Length;
            }

            offset += size;
        }

        return false;
    }
}
