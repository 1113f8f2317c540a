using System.Diagnostics;
using System.Globalization;
using System.Text;
using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;
using Serverless.EndToEnd.Processes;
using Serverless.Testing;

namespace Serverless.EndToEnd.Installations;

/// <summary>
/// The product as it runs in the cloud, on one machine: storage, function hosts and trainers as processes of their own that know nothing of each other. When it is
/// disposed, every process it ever started has to be gone.
/// </summary>
internal sealed class Installation : IAsyncDisposable
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly List<ProductProcess> _processes = [];
    private int _hosts;
    private int _trainers;
    private int _commands;

    /// <summary>Starts storage.</summary>
    public Installation()
    {
        ProcessMark.Set();
        Azurite = new AzuriteServer();
        Storage = ServerlessStorage.Connect(Azurite.ConnectionString);
        Jobs = new JobStore(Storage, TimeProvider.System);
        Rounds = new RoundStore(Storage);
        Metrics = new MetricsLog(Storage);
        Folder = Directory.CreateTempSubdirectory("serverless-end-to-end-").FullName;
    }

    /// <summary>Storage.</summary>
    public AzuriteServer Azurite { get; }

    /// <summary>A client of it that waits when it is away.</summary>
    public ServerlessStorage Storage { get; }

    /// <summary>Its jobs.</summary>
    public JobStore Jobs { get; }

    /// <summary>Their rounds.</summary>
    public RoundStore Rounds { get; }

    /// <summary>Their metrics.</summary>
    public MetricsLog Metrics { get; }

    /// <summary>What all processes said.</summary>
    public ProcessLog Log { get; } = new();

    /// <summary>A folder for files; gone afterwards.</summary>
    public string Folder { get; }

    /// <summary>The running trainers, the oldest first.</summary>
    public IReadOnlyList<ProductProcess> Trainers
    {
        get
        {
            lock (_processes)
            {
                return [.. _processes.Where(process => process.Name.StartsWith("trainer", StringComparison.Ordinal) && process.IsRunning)];
            }
        }
    }

    /// <summary>Starts a function host and waits until it answers.</summary>
    /// <param name="trainers">How many trainers it may start by itself.</param>
    /// <param name="port">Its port; 0 for any free one.</param>
    /// <param name="environment">Settings besides those that every process gets.</param>
    public async Task<FunctionHost> StartHostAsync(int trainers = 0, int port = 0, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var number = ++_hosts;
        string[] arguments =
        [
            "up", "--no-azurite", "--port", Text(port), "--trainers", Text(trainers), "--folder", Path.Combine(Folder, $"host-{Text(number)}"), "--json",
        ];
        return await FunctionHost.ReadyAsync(Start($"host-{Text(number)}", ProductFiles.Cli, arguments, ConnectedEnvironment(environment)));
    }

    /// <summary>Starts a trainer.</summary>
    /// <param name="idle">How long it stays when there is nothing to do.</param>
    /// <param name="more">Settings besides those that every trainer gets.</param>
    public ProductProcess StartTrainer(TimeSpan? idle = null, IReadOnlyDictionary<string, string?>? more = null)
    {
        var name = $"trainer-{Text(Interlocked.Increment(ref _trainers))}";
        var environment = ConnectedEnvironment(more);
        environment["SERVERLESS_TRAINER_ID"] = name;
        environment["SERVERLESS_TRAINER_THREADS"] = "1";
        environment["SERVERLESS_TRAINER_STOP_WITH_INPUT"] = "true";
        environment["SERVERLESS_TRAINER_IDLE_SECONDS"] = Text((int)(idle ?? TimeSpan.FromMinutes(10)).TotalSeconds);
        environment["OMP_NUM_THREADS"] = "1";
        environment["OPENBLAS_NUM_THREADS"] = "1";
        return Start(name, ProductFiles.Trainer, [], environment);
    }

    /// <summary>Ends all trainers, where the next test is to have others.</summary>
    public Task StopTrainersAsync() => Task.WhenAll(Trainers.Select(trainer => trainer.DisposeAsync().AsTask()));

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Runs the command to its end.</summary>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public async Task<CommandResult> CommandAsync(TimeSpan patience, params string[] arguments)
    {
        var process = Start($"command-{Text(Interlocked.Increment(ref _commands))}", ProductFiles.Cli, arguments, ConnectedEnvironment(more: null));
        var code = await process.ExitAsync(patience);
        return new CommandResult(code, process.Output, process.Errors);
    }

    /// <summary>Waits until as many trainers as are running say that they are ready: only then do they start into a job together.</summary>
    public async Task WaitForTrainersAsync(TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        while (Trainers.FirstOrDefault(trainer => !trainer.Errors.Contains("is ready on", StringComparison.Ordinal)) is { } late)
        {
            Assert.True(DateTime.UtcNow < end, $"{late.Name} is not ready after {patience}.");
            await Task.Delay(Breath);
        }
    }

    /// <summary>Waits until a job has ended.</summary>
    /// <param name="job">The job.</param>
    /// <param name="patience">How long it may stand still: how long it takes in all depends on what else the machine does.</param>
    /// <exception cref="TimeoutException">It stands still; the message says where.</exception>
    public async Task<JobStatus> WaitForEndAsync(string job, TimeSpan patience)
    {
        var seen = -1;
        var since = Stopwatch.StartNew();
        while (true)
        {
            var status = await Jobs.GetStatusAsync(job);
            if (status is { IsEnded: true })
            {
                return status;
            }

            var latest = await Rounds.LatestCheckpointAsync(job);
            if (latest != seen)
            {
                seen = latest;
                since.Restart();
            }
            else if (since.Elapsed > patience)
            {
                throw new TimeoutException($"Job {job} did not get on for {patience}: its newest checkpoint is {latest}, its status {(status is null ? "gone" : Encoding.UTF8.GetString(status.ToJson()))}");
            }

            await Task.Delay(Breath);
        }
    }

    /// <summary>Waits until a job has a checkpoint.</summary>
    /// <returns>Its newest checkpoint.</returns>
    public async Task<int> WaitForRoundAsync(string job, int round, TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        while (true)
        {
            var latest = await Rounds.LatestCheckpointAsync(job);
            if (latest >= round)
            {
                return latest;
            }

            if (DateTime.UtcNow > end)
            {
                throw new TimeoutException($"Job {job} did not come to checkpoint {round} within {patience}; its newest is {latest}.");
            }

            await Task.Delay(Breath);
        }
    }

    /// <summary>The trainers that a job's metrics name.</summary>
    public async Task<IReadOnlySet<string>> TrainersOfAsync(string job)
    {
        var trainers = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var line in Metrics.ReadAsync(job))
        {
            if (line.Trainer is { } trainer)
            {
                trainers.Add(trainer);
            }
        }

        return trainers;
    }

    /// <summary>Every blob and how many messages there are: what a refused input must not change.</summary>
    public async Task<IReadOnlyList<string>> ListContentsAsync()
    {
        var contents = new List<string>();
        foreach (var container in StorageNames.Containers)
        {
            await foreach (var blob in Storage.Container(container).GetBlobsAsync())
            {
                contents.Add($"{container}/{blob.Name} {blob.Properties.ETag}");
            }
        }

        foreach (var queue in StorageNames.Queues.Concat(StorageNames.Queues.Select(StorageNames.Poison)))
        {
            contents.Add($"{queue}: {Text((await Storage.Queue(queue).GetPropertiesAsync()).Value.ApproximateMessagesCount)} messages");
        }

        return contents;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_processes.Select(process => process.DisposeAsync().AsTask()));
        await Azurite.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        Assert.Empty(await ProcessMark.WaitUntilNoneAsync(TimeSpan.FromSeconds(10)));
    }

    private Dictionary<string, string?> ConnectedEnvironment(IReadOnlyDictionary<string, string?>? more)
    {
        var environment = new Dictionary<string, string?>(ProductFiles.Environment) { [StorageNames.Connection] = Azurite.ConnectionString };
        foreach (var (name, value) in more ?? new Dictionary<string, string?>())
        {
            environment[name] = value;
        }

        return environment;
    }

    private ProductProcess Start(string name, string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?> environment)
    {
        var process = ProductProcess.Start(name, program, arguments, environment, Log);
        lock (_processes)
        {
            _processes.Add(process);
        }

        return process;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
