using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serverless.Core.Jobs;
using Serverless.EndToEnd.Installations;

namespace Serverless.EndToEnd.Chaos;

/// <summary>Runs the same jobs side by side, again and again, while everything is killed and messages are mistreated, until a schedule of kills is done.</summary>
/// <param name="installation">The installation; it has the dataset, a host and no trainers.</param>
/// <param name="host">The host.</param>
/// <param name="seed">Decides everything that is left to chance here.</param>
internal sealed class ChaosRun(Installation installation, FunctionHost host, int seed)
{
    /// <summary>What the log calls what was done to the system.</summary>
    public const string Deeds = "chaos";

    private const int Trainers = 3;

    // Without any progress for longer than whatever waits for a lease, a lock or the reconciler, on a machine that has other things to do, the jobs hang. Of several one
    // may stand still as long as all trainers are at another.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(100);

    private FunctionHost _host = host;
    private readonly Stopwatch _sinceProgress = new();
    private Task _restarts = Task.CompletedTask;

    /// <summary>Kills (SIGKILL) so far.</summary>
    public int Kills { get; private set; }

    /// <summary>Messages mistreated so far.</summary>
    public int Messages { get; private set; }

    /// <summary>Runs.</summary>
    /// <param name="specs">The jobs.</param>
    /// <param name="strikes">The schedule.</param>
    /// <returns>How each job ended, each time: in the order of specs.</returns>
    /// <exception cref="TimeoutException">No job got on any more.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<JobStatus>>> RunAsync(IReadOnlyList<JobSpec> specs, IEnumerable<Strike> strikes)
    {
        var results = new List<IReadOnlyList<JobStatus>>();
        await using var scaler = new Scaler(installation, Trainers, idle: TimeSpan.FromSeconds(8));
        await using var saboteur = new MessageSaboteur(installation, seed);
        using var schedule = strikes.GetEnumerator();
        var more = schedule.MoveNext();
        do
        {
            var jobs = await Task.WhenAll(specs.Select(spec => installation.Jobs.SubmitAsync(spec)));
            Note($"submitted {string.Join(", ", jobs)}");
            _sinceProgress.Restart();
            var end = Task.WhenAll(jobs.Zip(specs, WaitForEndAsync));
            while (more && !end.IsCompleted)
            {
                if (schedule.Current.AfterProgress)
                {
                    await WaitForProgressAsync(jobs, end);
                }

                await Task.Delay(schedule.Current.Pause);
                if (!end.IsCompleted && await StrikeAsync(schedule.Current))
                {
                    more = schedule.MoveNext();
                }
            }

            await _restarts;
            results.Add(await end);
        }
        while (more);

        Messages = saboteur.Count;
        Note(saboteur.Deeds);
        return results;
    }

    private async Task<JobStatus> WaitForEndAsync(string job, JobSpec spec)
    {
        var seen = (Round: -1, Kills: -1);
        while (true)
        {
            var status = await installation.Jobs.GetStatusAsync(job);
            if (status is { IsEnded: true })
            {
                Note($"{job} ended: {status.State} {status.Result?.ParametersSha256} {status.Failure}");
                _sinceProgress.Restart();
                return status;
            }

            if (status is null)
            {
                // Azurite writes its index to disk every five seconds: killed soon after the submission, it has forgotten it. A client submits it again.
                Note($"{job} is submitted again");
                await installation.Jobs.SubmitAsync(job, spec);
            }

            var now = (await installation.Rounds.LatestCheckpointAsync(job), Kills);
            if (now != seen)
            {
                seen = now;
                _sinceProgress.Restart();
            }
            else if (_sinceProgress.Elapsed > Patience)
            {
                throw new TimeoutException($"No job got on for {Patience}: the newest checkpoint of {job} is {seen.Round}, its status {(status is null ? "gone" : Encoding.UTF8.GetString(status.ToJson()))}");
            }

            await Task.Delay(Breath);
        }
    }

    private async Task WaitForProgressAsync(string[] jobs, Task end)
    {
        var before = await LatestAsync();
        while (!end.IsCompleted)
        {
            var now = await LatestAsync();
            if (now.Zip(before).Any(job => job.First > job.Second))
            {
                return;
            }

            // Storage may have come back with less.
            before = now;
            await Task.Delay(Breath);
        }

        Task<int[]> LatestAsync() => Task.WhenAll(jobs.Select(job => installation.Rounds.LatestCheckpointAsync(job)));
    }

    private async Task<bool> StrikeAsync(Strike strike)
    {
        switch (strike.Victim)
        {
            case Victim.Trainer or Victim.LeavingTrainer:
                if (installation.Trainers is not { Count: > 0 } trainers)
                {
                    return false;
                }

                var trainer = trainers[(int)(strike.Which * trainers.Count)];
                Note($"{(strike.Victim == Victim.Trainer ? "kill" : "terminate")} {trainer.Name}");
                if (strike.Victim == Victim.LeavingTrainer)
                {
                    trainer.Terminate();
                    return true;
                }

                trainer.Kill();
                break;

            case Victim.Host:
                await _restarts;
                Note($"kill {_host.Process.Name}");
                _host.Process.Kill();
                _restarts = RestartHostAsync(strike.Away);
                break;

            case Victim.Storage:
                await _restarts;
                Note("kill storage");
                installation.Azurite.Kill();
                _restarts = RestartStorageAsync(strike.Away);
                break;
        }

        Kills++;
        return true;
    }

    private async Task RestartHostAsync(TimeSpan away)
    {
        await Task.Delay(away);
        _host = await installation.StartHostAsync(port: _host.Url.Port);
        Note($"{_host.Process.Name} is ready");
    }

    private async Task RestartStorageAsync(TimeSpan away)
    {
        await Task.Delay(away);
        await Task.Run(installation.Azurite.Start);
        Note("storage is ready");
    }

    private void Note(string deed) => installation.Log.Write(Deeds, string.Create(CultureInfo.InvariantCulture, $"[{Kills}] {deed}"));
}
