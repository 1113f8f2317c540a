using System.Net;
using System.Text.Json;
using Serverless.Core.Rounds;

namespace Serverless.ControlPlane.Tests.Jobs;

[Collection(ControlPlaneCollection.Name)]
public sealed class JobQueryTests(ControlPlaneApp app) : IAsyncLifetime
{
    public Task InitializeAsync() => app.ResetAsync();

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task ListJobs_SmallPages_GiveEveryJobOnceNewestFirst()
    {
        var submitted = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            // Ids sort by the second.
            app.Time.Ahead = TimeSpan.FromDays(400) + TimeSpan.FromSeconds(i);
            submitted.Add(await app.Jobs.SubmitAsync(ControlPlaneApp.Spec()));
        }

        submitted.Reverse();
        var (_, first) = await app.GetAsync("api/jobs?limit=3");
        var (_, second) = await app.GetAsync($"api/jobs?limit=3&continuation={Uri.EscapeDataString(first.GetProperty("continuation").GetString()!)}");

        Assert.Equal(submitted, Names(first).Concat(Names(second)).Take(5));
        Assert.Equal(3, Names(first).Count());
    }

    [Theory]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=101", "limit")]
    [InlineData("limit=ten", "limit")]
    public async Task ListJobs_IllegalParameter_Is400(string query, string field)
    {
        var (status, body) = await app.GetAsync($"api/jobs?{query}");

        Assert.Equal(400, status);
        Assert.Equal(field, body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Theory]
    [InlineData("api/jobs/20261120-183000-aaaaaaaa")]
    [InlineData("api/jobs/..%2f..%2fmodels")]
    [InlineData("api/jobs/active")]
    [InlineData("api/jobs/20261120-183000-aaaaaaaa/metrics")]
    [InlineData("api/jobs/x%20y/metrics")]
    public async Task AnyQuery_UnknownJob_Is404(string route)
    {
        var (status, body) = await app.GetAsync(route);

        Assert.Equal(404, status);
        Assert.StartsWith("There is no job", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetJob_WhileTrained_ShowsProgressAndALineATrainer()
    {
        var job = await app.PlanAsync();
        var ownership = app.Get<ShardOwnership>();
        await ownership.TryClaimAsync(job.Id, 0, "trainer-b", 1);
        await ownership.TryClaimAsync(job.Id, 1, "trainer-a", 2);
        await app.Jobs.UpdateStatusAsync(job.Id, status => status with { Round = 1, Loss = 0.5, Accuracy = 0.75 });

        var (_, alive) = await app.GetAsync($"api/jobs/{job.Id}");
        app.Time.Ahead = TimeSpan.FromSeconds(10);
        var (_, dead) = await app.GetAsync($"api/jobs/{job.Id}");

        Assert.Equal("running", alive.GetProperty("state").GetString());
        Assert.Equal((0.25, 1, 4, 0.5, 0.75), (Number(alive, "progress"), Number(alive, "round"), Number(alive, "rounds"), Number(alive, "loss"), Number(alive, "accuracy")));
        Assert.Equal(
            """[{"trainer":"trainer-a","shards":[1],"round":2,"alive":true},{"trainer":"trainer-b","shards":[0],"round":1,"alive":true}]""",
            alive.GetProperty("trainers").GetRawText());
        Assert.All(dead.GetProperty("trainers").EnumerateArray(), trainer => Assert.False(trainer.GetProperty("alive").GetBoolean()));
        Assert.Contains(alive.GetProperty("timeline").EnumerateArray(), entry => entry.GetProperty("event").GetString()!.StartsWith("planned: 2 shards, 4 rounds", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("DELETE", "api/jobs/{0}")]
    [InlineData("POST", "api/jobs/{0}/cancel")]
    public async Task CancelJob_RunningJob_EndsItAndAgainChangesNothing(string verb, string route)
    {
        var job = await app.PlanAsync();

        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), string.Format(System.Globalization.CultureInfo.InvariantCulture, route, job.Id));
            var (status, body) = await ControlPlaneApp.ReadAsync(await app.Client.SendAsync(request));
            Assert.Equal(200, status);
            Assert.Equal("cancelled", body.GetProperty("state").GetString());
        }

        await foreach (var active in app.Jobs.ActiveJobsAsync())
        {
            Assert.NotEqual(job.Id, active);
        }
    }

    [Fact]
    public async Task CancelJob_JobThatFailed_Is409()
    {
        var job = await app.PlanAsync();
        await app.Jobs.FailAsync(job.Id, "it could not be");

        var (status, body) = await ControlPlaneApp.ReadAsync(await app.Client.DeleteAsync(new Uri($"api/jobs/{job.Id}", UriKind.Relative)));

        Assert.Equal((int)HttpStatusCode.Conflict, status);
        Assert.Contains("has failed already", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetJobMetrics_RepeatedLines_AreGivenOnceAndInTheRangeAskedFor()
    {
        var job = await app.PlanAsync();
        var log = app.Get<MetricsLog>();
        for (var round = 0; round < 4; round++)
        {
            MetricsLine[] lines = [Line(round, 0), Line(round, 1)];
            await log.AppendAsync(job.Id, lines);
            await log.AppendAsync(job.Id, lines);
        }

        Assert.Equal([(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)], await MetricsAsync(job.Id, ""));
        Assert.Equal([(2, 0), (2, 1)], await MetricsAsync(job.Id, "?after=1&through=2"));
        Assert.Empty(await MetricsAsync(job.Id, "?after=3"));
        Assert.Equal(400, (await app.GetAsync($"api/jobs/{job.Id}/metrics?after=x")).Status);
    }

    [Fact]
    public async Task GetJobMetrics_JobWithoutAny_IsEmpty()
    {
        var job = await app.PlanAsync();

        Assert.Empty(await MetricsAsync(job.Id, ""));
    }

    private static MetricsLine Line(int round, int shard) => new() { Round = round, Shard = shard, Samples = 10, Loss = 0.5, At = DateTimeOffset.UnixEpoch };

    private async Task<IEnumerable<(int Round, int Shard)>> MetricsAsync(string job, string query)
    {
        using var answer = await app.Client.GetAsync(new Uri($"api/jobs/{job}/metrics{query}", UriKind.Relative));
        Assert.Equal("application/x-ndjson", answer.Content.Headers.ContentType?.MediaType);
        return (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Select(line => (line.GetProperty("round").GetInt32(), line.GetProperty("shard").GetInt32()))
            .ToArray();
    }

    private static IEnumerable<string> Names(JsonElement page) => page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("job").GetString()!);

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();
}
