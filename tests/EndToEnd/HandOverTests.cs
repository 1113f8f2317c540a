using System.Diagnostics;
using System.Globalization;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.EndToEnd.Installations;
using Serverless.EndToEnd.Processes;
using Xunit.Abstractions;

namespace Serverless.EndToEnd;

/// <summary>How soon the shards of a trainer that was killed (SIGKILL) belong to a living one, and the job goes on.</summary>
public sealed class HandOverTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    // More rounds than anybody waits for: the job must not end before it is cancelled.
    private static readonly JobSpec Spec = TestJobs.EveryStep(rounds: 50_000);

    private readonly Installation _installation = new();

    public Task InitializeAsync() => TestData.ImportAsync(_installation, TestJobs.Dataset, rows: 512, testRows: 128);

    public Task DisposeAsync() => _installation.DisposeAsync().AsTask();

    [Fact]
    public async Task DeadTrainer_AnotherOneLives_ItHasTheShardsWithinTenSeconds()
    {
        await _installation.StartHostAsync();
        var dying = _installation.StartTrainer();
        var living = _installation.StartTrainer();
        var job = await _installation.Jobs.SubmitAsync(Spec);
        await OwnersAsync(job, Patience, owners => owners.Contains(dying.Name) && owners.Contains(living.Name));

        var took = await KillAsync(job, dying.Name, dying.Kill);

        Assert.All(await OwnersAsync(job, Patience, _ => true), owner => Assert.Equal(living.Name, owner));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Shards moved to the living trainer and the next checkpoint was there after {took.TotalSeconds:0.0} s."));
        await _installation.Jobs.CancelAsync(job);
    }

    [Fact]
    public async Task DeadTrainer_NoOtherOneLives_ANewOneHasTheShardsWithinTenSeconds()
    {
        await _installation.StartHostAsync(trainers: 1);
        var job = await _installation.Jobs.SubmitAsync(Spec);
        var owner = (await OwnersAsync(job, Patience, owners => owners.Distinct().Count() == 1))[0];
        var trainer = Assert.Single(ProcessMark.Survivors(), process => process.Value.Contains(ProductFiles.Trainer, StringComparison.Ordinal)).Key;

        var took = await KillAsync(job, owner, () =>
        {
            using var process = Process.GetProcessById(trainer);
            process.Kill();
        });

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A new trainer was started, had the shards and made the next checkpoint after {took.TotalSeconds:0.0} s."));
        await _installation.Jobs.CancelAsync(job);
    }

    /// <summary>Kills the owner of shards; returns how long it took until they all were somebody else's and a checkpoint came of it.</summary>
    private async Task<TimeSpan> KillAsync(string job, string owner, Action kill)
    {
        var clock = Stopwatch.StartNew();
        kill();
        var moved = await OwnersAsync(job, Patience, owners => !owners.Contains(owner));
        var latest = await _installation.Rounds.LatestCheckpointAsync(job);
        await _installation.WaitForRoundAsync(job, latest + 1, Patience);
        var took = clock.Elapsed;
        Assert.True(took < Limit, $"Shards of {owner} belong to {string.Join(", ", moved)} after {took}; the limit is {Limit}.{Environment.NewLine}{_installation.Log.Tail()}");
        return took;
    }

    /// <summary>Waits until every shard has a living owner and they are as wanted.</summary>
    private async Task<IReadOnlyList<string>> OwnersAsync(string job, TimeSpan patience, Func<IReadOnlyList<string>, bool> wanted)
    {
        var ownership = new ShardOwnership(_installation.Storage, TimeProvider.System, new OwnershipOptions());
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var records = await Task.WhenAll(Enumerable.Range(0, Spec.Shards).Select(shard => ownership.ReadAsync(job, shard)));
            string[] living = [.. records.Where(record => record is { Trainer: not null } && record.Expires > DateTimeOffset.UtcNow).Select(record => record!.Trainer!)];
            if (living.Length == Spec.Shards && wanted(living))
            {
                return living;
            }

            Assert.True(clock.Elapsed < patience, $"After {patience} the living owners are: {string.Join(", ", living)}{Environment.NewLine}{_installation.Log.Tail()}");
            await Task.Delay(50);
        }
    }
}
