using System.Diagnostics;
using Azure.Storage.Queues;
using Serverless.Cli.Hosting;
using Serverless.Core.Storage;

namespace Serverless.Cli.Tests.Hosting;

/// <summary>The pool with shell scripts for trainers: what counts is when it starts and stops them.</summary>
public sealed class TrainerPoolTests : IAsyncLifetime
{
    // Stays until its input ends, as a trainer does that has shards; says so when it leaves in good order.
    private const string Working = "echo working with $OMP_NUM_THREADS thread as $SERVERLESS_TRAINER_ID; cat >/dev/null; echo leaving";

    private readonly TemporaryFolder _folder = new();
    private LocalHost? _host;
    private QueueClient? _shards;

    public Task InitializeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Pool_NothingWaits_StartsNone()
    {
        await StartAsync(Working, max: 2);

        // A message for one, so that there is something to wait for: had the pool started any without need, there would be two.
        await _shards!.SendMessageAsync("{}");
        await Eventually.TrueAsync(() => _host!.TrainerProcessIds.Count > 0, "a trainer starts");
        Assert.Single(_host!.TrainerProcessIds);
    }

    [Fact]
    public async Task Pool_MoreMessagesThanAllowed_StartsTheMaximum()
    {
        await StartAsync(Working, max: 2);
        for (var i = 0; i < 5; i++)
        {
            await _shards!.SendMessageAsync("{}");
        }

        await Eventually.TrueAsync(() => _host!.TrainerProcessIds.Count == 2, "two trainers run");
        await Eventually.TrueAsync(() => Log(1).Contains("working", StringComparison.Ordinal) && Log(2).Contains("working", StringComparison.Ordinal), "both are at work");
        var processes = _host!.TrainerProcessIds.Select(Process.GetProcessById).ToList();
        await _host.DisposeAsync();

        Assert.All(processes, process => Assert.True(process.HasExited));
        Assert.Contains("working with 1 thread as local-", Log(1), StringComparison.Ordinal);
        Assert.Contains("leaving", Log(1), StringComparison.Ordinal);
        Assert.Contains("leaving", Log(2), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pool_TrainerLeft_StartsAnotherOnlyForAMessage()
    {
        // Leaves as soon as the test says so.
        await StartAsync($"echo here; until [ -e {_folder.File("go")} ]; do sleep 0.05; done", max: 1);
        await _shards!.SendMessageAsync("{}");
        await Eventually.TrueAsync(() => _host!.TrainerProcessIds.Count == 1, "a trainer starts");
        await _shards.ClearMessagesAsync();

        await File.WriteAllTextAsync(_folder.File("go"), "");
        await Eventually.TrueAsync(() => _host!.TrainerProcessIds.Count == 0, "the trainer has left");
        Assert.Equal(1, Started());
        await _shards.SendMessageAsync("{}");

        await Eventually.TrueAsync(() => Started() >= 2, "another starts for the new message");
    }

    [Fact]
    public async Task Pool_TrainersDieYoung_StartsThemEverLessOften()
    {
        await StartAsync("exit 3", max: 1);
        await _shards!.SendMessageAsync("{}");

        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => HostLog().Split("exit code 3").Length > 3, "three have died");

        // One at once, one a second later, one two seconds after that.
        Assert.True(clock.Elapsed > TimeSpan.FromSeconds(2.9), $"It took only {clock.Elapsed}.");
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task StartAsync(string script, int max)
    {
        _host = await LocalHost.StartAsync(new LocalHostOptions
        {
            Folder = _folder.File("data"),
            Trainers = new TrainerPoolOptions { Max = max, FileName = "/bin/sh", Arguments = ["-c", script], PollingInterval = TimeSpan.FromMilliseconds(50) },
        });
        _shards = ServerlessStorage.Connect(_host.StorageConnectionString).Queue(StorageNames.TrainingShardsQueue);
    }

    private string Log(int number) => Read($"trainer-{number}.log");

    private string HostLog() => Read("host.log");

    private int Started() => Log(1).Split("here").Length - 1;

    private string Read(string name)
    {
        var path = Path.Combine(_folder.File("data"), "logs", name);
        if (!File.Exists(path))
        {
            return "";
        }

        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }
}
