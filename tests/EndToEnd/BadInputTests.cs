using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs.Models;
using Serverless.Core.Jobs;
using Serverless.EndToEnd.Installations;

namespace Serverless.EndToEnd;

/// <summary>What users get wrong: each is refused in words that name the field, the value and what would be legal, and leaves nothing half-made.</summary>
public sealed class BadInputTests(RunningInstallation running) : IClassFixture<RunningInstallation>
{
    private const int Invalid = 2;
    private const int HundredMegabytes = 100 << 20;
    private const string Layers = """{ "layers": [ { "type": "flatten" }, { "type": "linear", "units": 4 } ] }""";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly HttpClient Http = new() { Timeout = Patience };

    private readonly Installation _installation = running.Installation;

    /// <summary>A spec, the field that is wrong with it, and what the message has to say.</summary>
    public static TheoryData<string, string, string[]> Specs => new()
    {
        { Spec(Layers, """ "shards": 0 """), "shards", ["0", "1..1024"] },
        { Spec(Layers, """ "shards": 10000 """), "shards", ["10000", "1..1024"] },
        { Spec(Layers, """ "shards": 1000 """), "shards", ["1000", "1..512", "512 rows"] },
        { Spec(Layers, """ "batchSize": -8 """), "batchSize", ["-8", "1..65536"] },
        { Spec(Layers, """ "localSteps": 0 """), "localSteps", ["0", "1..10000"] },
        { Spec(Layers, """ "optimizer": { "type": "sgd", "learningRate": -0.1 } """), "optimizer.learningRate", ["-0.1", "(0, 1000]"] },
        { Spec(Layers, """ "batchsize": 8 """), "batchsize", ["batchSize"] },
        { Spec(Layers, """ "optimiser": { "type": "sgd" } """), "optimiser", ["optimizer"] },
        { Spec(Layers, """ "optimizer": { "type": "adamm" } """), "optimizer.type", ["adamm", "adam", "sgd"] },
        { Spec(Layers, """ "publish": { "model": "../../etc/passwd" } """), "publish.model", ["../../etc/passwd", "1 to 63"] },
        { Spec("""{ "layers": [ { "type": "flatten" }, { "type": "linear", "units": 0 } ] }"""), "network.layers[1].units", ["0", "1.."] },
        { Spec("""{ "layers": [ { "type": "flaten" }, { "type": "linear", "units": 4 } ] }"""), "network.layers[0].type", ["flaten", "flatten"] },
        { Spec("""{ "layers": [ { "type": "conv2d", "filters": 2, "kernel": 9 }, { "type": "flatten" }, { "type": "linear", "units": 4 } ] }"""), "network.layers[0]", ["conv2d", "9", "4"] },
        { Spec("""{ "layers": [ { "type": "flatten" }, { "type": "linear", "units": 7 } ] }"""), "network.layers[1]", ["7", "4"] },
        { """{ "dataset": "cloud", "network": """ + Layers + """, "rounds": 1 }""", "dataset", ["cloud", "clouds"] },
        { """{ "dataset": "../clouds", "network": """ + Layers + """, "rounds": 1 }""", "dataset", ["../clouds", "1 to 63"] },
        { """{ "dataset": "clouds", "network": """ + Layers + """, "rounds": 0 }""", "rounds", ["0", "1..99999"] },
        { """{ "dataset": "clouds", "network": """ + Layers + """, "rounds": 1, "epochs": 1 }""", "epochs", ["rounds", "one of the two"] },
    };

    /// <summary>Files that are no dataset: how they are imported, and what the error has to say.</summary>
    public static TheoryData<string, string, string[], string[]> Files => new()
    {
        { "nan", "1,2,0\nNaN,1,1\n3,inf,0\n2,nan,1\n", [], ["3", "NaN", "line 2"] },
        { "ragged", "1,2,0\n3,4,1\n5,6,7,0\n", [], ["line 3", "4", "3"] },
        { "class-range", "1,2,no\n3,4,maybe\n", ["--classes", "no,yes"], ["1 rows", "maybe", "line 2", "no, yes"] },
        { "bad-shape", "1,2,0\n3,4,1\n", ["--shape", "1,3"], ["shape", "3", "2"] },
        { "zero-shape", "1,2,0\n3,4,1\n", ["--shape", "0,2"], ["shape", "0,2"] },
        { "zero-scale", "1,2,0\n3,4,1\n", ["--scale", "0"], ["scale", "0"] },
        { "../escape", "1,2,0\n3,4,1\n", [], ["../escape", "1 to 63"] },
        { "no-rows", "", [], ["no-rows.csv"] },
    };

    [Theory]
    [MemberData(nameof(Specs))]
    public async Task SubmitOverHttp_BadSpec_400NamesFieldAndLegalValues(string spec, string field, string[] said)
    {
        var before = await _installation.ListContentsAsync();

        using var answer = await PostAsync(spec);

        var problem = await ProblemAsync(answer, HttpStatusCode.BadRequest);
        var error = Assert.Single(problem.GetProperty("errors").EnumerateArray().ToArray());
        Assert.Equal(field, error.GetProperty("field").GetString());
        Assert.All(said, part => Assert.Contains(part, error.GetProperty("message").GetString(), StringComparison.Ordinal));
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Fact]
    public async Task SubmitOverHttp_SeveralErrors_AllAreReported()
    {
        using var answer = await PostAsync("""{ "dataset": "clouds", "network": { "layers": [] }, "shards": 0, "batchSize": 0, "epohcs": 1 }""");

        var problem = await ProblemAsync(answer, HttpStatusCode.BadRequest);
        var fields = problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("field").GetString()!).ToHashSet();
        Assert.Superset(new HashSet<string> { "shards", "batchSize", "epohcs" }, fields);
    }

    [Theory]
    [InlineData("{ \"dataset\": \"clouds\", ")]
    [InlineData("shards: 4")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task SubmitOverHttp_NoJson_400SaysWhere(string body)
    {
        var before = await _installation.ListContentsAsync();

        using var answer = await PostAsync(body);

        var problem = await ProblemAsync(answer, HttpStatusCode.BadRequest);
        Assert.NotEqual(0, problem.GetProperty("detail").GetString()!.Length);
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Fact]
    public async Task SubmitOverHttp_HundredMegabytesAnnounced_413Unread()
    {
        var before = await _installation.ListContentsAsync();
        using var content = new ByteArrayContent(new byte[HundredMegabytes]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(running.Host.Url, "api/jobs")) { Content = content };
        request.Headers.ExpectContinue = true;

        using var answer = await Http.SendAsync(request);

        var problem = await ProblemAsync(answer, HttpStatusCode.RequestEntityTooLarge);
        Assert.Contains("1048576", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Fact]
    public async Task SubmitOverHttp_HundredMegabytesUnannounced_413WithoutHoldingThem()
    {
        var before = await _installation.ListContentsAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(running.Host.Url.Host, running.Host.Url.Port);
        var stream = client.GetStream();
        var memory = running.Host.Process.PeakResidentBytes;
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /api/jobs HTTP/1.1\r\nHost: {running.Host.Url.Authority}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"));

        var answer = ReadToEndAsync(stream);
        byte[] chunk = [.. "10000\r\n"u8, .. Enumerable.Repeat((byte)' ', 0x10000), .. "\r\n"u8];
        try
        {
            for (var sent = 0; sent < HundredMegabytes && !answer.IsCompleted; sent += 0x10000)
            {
                await stream.WriteAsync(chunk);
            }
        }
        catch (IOException)
        {
            // It has heard enough: the answer is there already.
        }

        Assert.StartsWith("HTTP/1.1 413", await answer.WaitAsync(Patience), StringComparison.Ordinal);
        Assert.InRange(running.Host.Process.PeakResidentBytes - memory, 0, HundredMegabytes / 4);
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Theory]
    [InlineData("api/jobs/..%2F..%2Fmodels")]
    [InlineData("api/jobs/%2e%2e")]
    [InlineData("api/jobs/20261120-000000-aaaaaaaa")]
    [InlineData("api/jobs/active%2Fclouds/metrics")]
    [InlineData("v2/models/..%2F..%2Fjobs")]
    [InlineData("v2/models/clouds/versions/..%2F1")]
    public async Task Get_NoSuchThingOrPathTrick_404(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(running.Host.Url) { Path = "" }.Uri.AbsoluteUri + path);

        using var answer = await Http.SendAsync(request);

        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.DoesNotContain("Azure", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "dataset": "clouds", "network": """ + Layers + """, "rounds": 1, "shards": 0 }""", "shards", new[] { "0", "1..1024" })]
    [InlineData("""{ "dataset": "clouds", "network": """ + Layers + """, "rounds": 1, "momentun": 1 }""", "momentun", new[] { "known are" })]
    [InlineData("""{ "dataset": "cloud", "network": """ + Layers + """, "rounds": 1 }""", "dataset", new[] { "cloud", "clouds" })]
    [InlineData("{ \"dataset\": ", null, new[] { "JSON" })]
    public async Task SubmitCommand_BadSpec_ExitCode2NamesFieldAndLegalValues(string spec, string? field, string[] said)
    {
        var before = await _installation.ListContentsAsync();
        var file = _installation.Write("job.json", spec);

        var result = await CommandAsync("submit", file, "--json");

        Assert.True(result.Code == Invalid, result.ToString());
        Assert.All(said, part => Assert.Contains(part, result.Errors, StringComparison.Ordinal));
        Assert.Contains(field ?? "", result.Errors, StringComparison.Ordinal);
        Assert.Equal(Invalid, result.Json.GetProperty("exitCode").GetInt32());
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task ImportCommand_BadFile_ExitCode2SaysWhatAndWhere(string name, string csv, string[] options, string[] said)
    {
        var before = await _installation.ListContentsAsync();
        var file = _installation.Write($"{Path.GetFileName(name)}.csv", csv);

        var result = await CommandAsync(["data", "import", name, "--train", file, "--format", "csv", .. options, "--json"]);

        Assert.True(result.Code == Invalid, result.ToString());
        Assert.All(said, part => Assert.Contains(part, result.Errors, StringComparison.Ordinal));
        Assert.Equal(before, await _installation.ListContentsAsync());
    }

    [Fact]
    public async Task QueuedSubmission_BadSpec_FailedJobSaysWhyAndMessageIsPoison()
    {
        var queue = _installation.Storage.Queue(Core.Storage.StorageNames.TrainingJobsQueue);
        await queue.SendMessageAsync(Spec(Layers, """ "shards": 10000 """));

        JobStatus? failed = null;
        for (var end = DateTime.UtcNow + Patience; failed is null; await Task.Delay(50))
        {
            Assert.True(DateTime.UtcNow < end, _installation.Log.Tail());
            foreach (var job in (await _installation.Jobs.ListAsync(10, null)).Jobs)
            {
                failed ??= await _installation.Jobs.GetStatusAsync(job) is { State: JobState.Failed } status && status.Failure!.Contains("shards", StringComparison.Ordinal) ? status : null;
            }
        }

        Assert.Contains("10000", failed.Failure, StringComparison.Ordinal);
        Assert.Contains("1..1024", failed.Failure, StringComparison.Ordinal);
        var poison = _installation.Storage.Queue(Core.Storage.StorageNames.Poison(Core.Storage.StorageNames.TrainingJobsQueue));
        for (var end = DateTime.UtcNow + Patience; (await poison.PeekMessagesAsync()).Value.Length == 0; await Task.Delay(50))
        {
            Assert.True(DateTime.UtcNow < end, "The message did not come to the poison queue.");
        }
    }

    [Fact]
    public async Task DivergingLoss_JobFailsWithRoundAndLoss_CheckpointKept()
    {
        var spec = TestJobs.EveryStep(rounds: 500) with { Optimizer = new OptimizerSpec { LearningRate = 900 } };
        await using var trainer = _installation.StartTrainer();

        var job = await SubmitAsync(spec);
        var status = await _installation.WaitForEndAsync(job, Patience);

        Assert.Equal(JobState.Failed, status.State);
        Assert.Matches(@"diverged in round \d+.*the loss is \S+", status.Failure);
        Assert.InRange(await _installation.Rounds.LatestCheckpointAsync(job), 0, 499);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task DamagedPart_JobFailsNamingPartAndHash(bool truncated)
    {
        var dataset = truncated ? "truncated" : "corrupt";
        await TestData.ImportAsync(_installation, dataset, rows: 512, testRows: 16);
        BlobItem? part = null;
        await foreach (var blob in _installation.Storage.Datasets.GetBlobsAsync(prefix: $"{dataset}/train/part-"))
        {
            part ??= blob;
        }

        var damaged = _installation.Storage.Datasets.GetBlobClient(part!.Name);
        var bytes = (await damaged.DownloadContentAsync()).Value.Content.ToArray();
        bytes[100] ^= 1;
        await damaged.UploadAsync(BinaryData.FromBytes(truncated ? bytes.AsMemory(0, bytes.Length - 7) : bytes), overwrite: true);
        await using var trainer = _installation.StartTrainer();

        var job = await SubmitAsync(TestJobs.EveryStep(rounds: 50) with { Dataset = dataset });
        var status = await _installation.WaitForEndAsync(job, Patience);

        Assert.Equal(JobState.Failed, status.State);
        Assert.Contains(Path.GetFileName(part.Name), status.Failure, StringComparison.Ordinal);
        Assert.Contains(truncated ? "bytes" : "SHA-256", status.Failure, StringComparison.OrdinalIgnoreCase);
    }

    private static string Spec(string network, string more = """ "seed": 1 """) => $$"""{ "dataset": "clouds", "network": {{network}}, "rounds": 3, {{more}} }""";

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await stream.ReadAsync(buffer) is > 0 and var count)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // The other side does not wait for the rest of the request.
        }

        return text.ToString();
    }

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage answer, HttpStatusCode status)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == status, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Http.PostAsync(new Uri(running.Host.Url, "api/jobs"), content);
    }

    private async Task<string> SubmitAsync(JobSpec spec)
    {
        using var answer = await PostAsync(Encoding.UTF8.GetString(spec.ToJson()));
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("job").GetString()!;
    }

    private Task<CommandResult> CommandAsync(params string[] arguments) => _installation.CommandAsync(Patience, [.. arguments, "--url", running.Host.Url.AbsoluteUri]);
}
