using System.Globalization;
using Serverless.Core.Storage;

namespace Serverless.EndToEnd.Installations;

/// <summary>
/// What starts trainers in the cloud: one for each message that waits on the queue of shards, up to a maximum. It knows no trainer and no job, and does not notice
/// when a trainer dies.
/// </summary>
internal sealed class Scaler : IAsyncDisposable
{
    private static readonly TimeSpan PollingInterval = TimeSpan.FromMilliseconds(250);

    // As long as a trainer that was started may need to take its message, no second one is started for it.
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(3);

    private readonly Installation _installation;
    private readonly int _maximum;
    private readonly TimeSpan _idle;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private DateTime _started;

    /// <summary>Starts looking.</summary>
    /// <param name="installation">Where.</param>
    /// <param name="maximum">Most trainers at once.</param>
    /// <param name="idle">How long a trainer stays when there is nothing to do.</param>
    public Scaler(Installation installation, int maximum, TimeSpan idle)
    {
        _installation = installation;
        _maximum = maximum;
        _idle = idle;
        _loop = RunAsync();
    }

    /// <summary>Stops starting; trainers that run stay.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        var queue = _installation.Storage.Queue(StorageNames.TrainingShardsQueue);
        try
        {
            while (true)
            {
                var running = _installation.Trainers.Count;
                if (running < _maximum && DateTime.UtcNow - _started > StartTime
                    && (await queue.PeekMessagesAsync(_maximum, _stopping.Token)).Value.Length is > 0 and var waiting)
                {
                    for (var i = 0; i < Math.Min(waiting, _maximum - running); i++)
                    {
                        _installation.StartTrainer(_idle);
                    }

                    _started = DateTime.UtcNow;
                    _installation.Log.Write("scaler", string.Create(CultureInfo.InvariantCulture, $"{waiting} messages, {running} trainers: now {_installation.Trainers.Count}"));
                }

                await Task.Delay(PollingInterval, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // It was told to.
        }
    }
}
