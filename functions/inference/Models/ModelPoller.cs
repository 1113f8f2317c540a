using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Serverless.Inference.Models;

/// <summary>Looks for new model versions while the app runs. The app is up before the first look: a worker has a minute to start, a model may need longer.</summary>
public sealed partial class ModelPoller(
    ModelRepository models, IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelPoller> logger) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = Task.Delay(options.Value.PollInterval, time, stoppingToken);
            try
            {
                // A model that takes long to load keeps nobody from seeing what is new of others.
                var loading = await models.BeginRefreshAsync(stoppingToken);
                if (await Task.WhenAny(loading, pause) == loading)
                {
                    await loading;
                }
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogUnreachable(logger, failed.Message);
            }

            await pause;
        }
    }

    [LoggerMessage(1110, LogLevel.Warning, "The model store does not answer, what is loaded stays in service: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
