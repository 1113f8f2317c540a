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
            try
            {
                await models.RefreshAsync(stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                LogUnreachable(logger, failed.Message);
            }

            await Task.Delay(options.Value.PollInterval, time, stoppingToken);
        }
    }

    [LoggerMessage(1110, LogLevel.Warning, "The model store does not answer, what is loaded stays in service: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string reason);
}
