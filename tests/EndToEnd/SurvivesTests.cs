using System.Globalization;
using Serverless.Core.Jobs;
using Serverless.EndToEnd.Chaos;
using Serverless.EndToEnd.Installations;
using Xunit.Abstractions;

namespace Serverless.EndToEnd;

/// <summary>
/// Trainers, function host and storage are killed at random moments (SIGKILL) while messages get lost, doubled and delayed: every job ends, with the parameters of
/// an undisturbed one. <c>SERVERLESS_CHAOS_KILLS=100 SERVERLESS_CHAOS_SEED=7 ./serverless test --filter FullyQualifiedName~Survives</c> is the long version.
/// </summary>
public sealed class SurvivesTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int DefaultKills = 12;
    private const int DefaultSeed = 20_261_120;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Installation _installation = new();
    private FunctionHost? _host;

    public async Task InitializeAsync()
    {
        await TestData.ImportAsync(_installation, TestJobs.Dataset, rows: 512, testRows: 128);
        _host = await _installation.StartHostAsync();
    }

    public Task DisposeAsync() => _installation.DisposeAsync().AsTask();

    [Fact]
    public async Task Survives_JobsOfEveryKindSideBySide_SameParameters()
    {
        JobSpec[] specs = [TestJobs.EveryStep(rounds: 400), TestJobs.EightSteps(rounds: 100), TestJobs.EightSteps(rounds: 12, Aggregation.Function)];
        var seed = Setting("SERVERLESS_CHAOS_SEED", DefaultSeed);
        var kills = Setting("SERVERLESS_CHAOS_KILLS", DefaultKills);
        var trainer = _installation.StartTrainer();
        var expected = new List<string>();
        foreach (var spec in specs)
        {
            var undisturbed = await _installation.WaitForEndAsync(await _installation.Jobs.SubmitAsync(spec), Patience);
            Assert.Equal(JobState.Succeeded, undisturbed.State);
            expected.Add(undisturbed.Result!.ParametersSha256);
        }

        trainer.Terminate();
        Assert.Equal(0, await trainer.ExitAsync(Patience));
        var run = new ChaosRun(_installation, _host!, seed);
        try
        {
            var disturbed = await run.RunAsync(specs, Strike.Schedule(kills, seed));

            Assert.Equal(kills, run.Kills);
            Assert.NotEqual(0, run.Messages);
            Assert.All(disturbed, jobs => Assert.Equal(expected.Select(parameters => (JobState.Succeeded, (string?)parameters)), jobs.Select(job => (job.State, job.Result?.ParametersSha256))));
            output.WriteLine($"seed {seed}: {run.Kills} kills and {run.Messages} mistreated messages during {disturbed.Count * specs.Length} jobs; parameters {string.Join(", ", expected)}");
            output.WriteLine(_installation.Log.Of(ChaosRun.Deeds));
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"With seed {seed}: {e.Message}{Environment.NewLine}{_installation.Log.Tail(ChaosRun.Deeds)}", e);
        }
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
