using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Core.Jobs;
using Serverless.Core.Storage;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Shards;
using static TorchSharp.torch;

namespace Serverless.Benchmarks.Training;

/// <summary>
/// Counts what a round costs in requests and bytes. Two trainers run in this process for it, each with storage clients of its own whose requests are counted; the planning
/// and the owners' heartbeats are counted too, as they are paid for.
/// </summary>
internal static class RoundTraffic
{
    /// <summary>Trains a job and divides what its trainers sent by its rounds.</summary>
    /// <param name="connection">The storage account of a host that starts no trainers.</param>
    /// <param name="spec">A job that says its number of rounds.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>A row a kind of blob: requests and bytes per round.</returns>
    public static async Task<IReadOnlyList<RoundTrafficRow>> MeasureAsync(string connection, JobSpec spec, CancellationToken cancellation)
    {
        NativeRuntime.Prepare(threads: 1);
        NativeRuntime.Load(threads: 1);
        var storage = ServerlessStorage.Connect(connection);
        var jobs = new JobStore(storage, TimeProvider.System);
        var id = await jobs.SubmitAsync(spec, cancellation);
        while (await jobs.GetStatusAsync(id, cancellation) is not { State: JobState.Running })
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
        }

        ServerlessStorage[] accounts = [ServerlessStorage.Connect(connection), ServerlessStorage.Connect(connection)];
        await Task.WhenAll(accounts.Select((account, index) => RunTrainerAsync(account, $"counted-{index}", cancellation)));
        var rounds = spec.Rounds!.Value;
        return
        [
            .. accounts.SelectMany(account => account.Traffic.Snapshot())
                .GroupBy(count => count.Kind)
                .Where(kind => kind.Any(count => count.Operations > 0))
                .Select(kind => new RoundTrafficRow(
                    kind.Key,
                    kind.Sum(count => count.Reads) / (double)rounds,
                    kind.Sum(count => count.Writes + count.Deletes) / (double)rounds,
                    kind.Sum(count => count.BytesRead) / rounds,
                    kind.Sum(count => count.BytesWritten) / rounds)),
        ];
    }

    private static Task RunTrainerAsync(ServerlessStorage storage, string name, CancellationToken cancellation) => Task.Run(
        async () =>
        {
            using var engine = new Engine();
            var thread = new Thread(engine.Run) { IsBackground = true };
            thread.Start();
            try
            {
                var services = new TrainerServices(name, storage, engine, () => CPU, TimeProvider.System, NullLoggerFactory.Instance);
                await new TrainerLoop(services, TimeSpan.FromSeconds(1)).RunAsync(cancellation);
            }
            finally
            {
                engine.Stop();
                thread.Join();
            }
        },
        cancellation);
}
