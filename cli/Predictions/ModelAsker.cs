using System.Diagnostics;
using Serverless.Cli.Api;
using Serverless.Cli.Connections;
using Serverless.Core.Models;

namespace Serverless.Cli.Predictions;

/// <summary>Asks a served model over HTTP.</summary>
internal sealed class ModelAsker
{
    // Published a moment ago, a version is served as soon as the inference app has looked for new ones.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ServerlessClient _client;
    private readonly string? _version;
    private readonly TensorDescription _input;
    private readonly IReadOnlyList<string> _classes;

    private ModelAsker(ServerlessClient client, ModelDescription model, string? version, IReadOnlyList<string> classes)
    {
        _client = client;
        _version = version;
        Model = model;
        _input = model.Inputs[0];
        _classes = classes;
    }

    /// <summary>The model.</summary>
    public ModelDescription Model { get; }

    /// <summary>Looks a model up.</summary>
    /// <param name="host">Where it is served.</param>
    /// <param name="model">Its name.</param>
    /// <param name="version">A version, null for the newest.</param>
    /// <param name="isNew">Whether it was published a moment ago, so that it may not be served yet.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<ModelAsker> FindAsync(HostConnection host, string model, string? version, bool isNew, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                var description = await host.Client.GetModelAsync(model, version, cancellation);
                return new ModelAsker(host.Client, description, version, await ClassesAsync(host, description, cancellation));
            }
            catch (ApiException e) when (isNew && e.Status is 404 or 503 && clock.Elapsed < Patience)
            {
                await Task.Delay(Pause, cancellation);
            }
        }
    }

    /// <summary>Asks about rows.</summary>
    /// <param name="question">The rows.</param>
    /// <param name="top">How many classes to give for a row.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(InferAnswer Answer, IReadOnlyList<Prediction> Predictions)> AskAsync(IQuestion question, int top, CancellationToken cancellation)
    {
        var rows = question.For(_input);
        var answer = await _client.InferAsync(Model.Name, _version, _input, rows, cancellation);
        return (answer, PredictionReader.Read(answer, rows.Count, _classes, top));
    }

    /// <summary>Names of the classes. The protocol does not carry them, the model's configuration in storage does; without access to that the indices have to do.</summary>
    private static async Task<IReadOnlyList<string>> ClassesAsync(HostConnection host, ModelDescription model, CancellationToken cancellation)
    {
        if (host.TryStorage() is not { } storage || !int.TryParse(model.Versions[^1], out var version))
        {
            return [];
        }

        var config = await new ModelStore(storage).TryGetConfigAsync(model.Name, version, cancellation);
        return config?.Classes ?? [];
    }
}
