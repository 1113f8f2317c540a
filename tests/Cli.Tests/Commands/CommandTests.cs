using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>Commands against a running host: results, errors, exit codes.</summary>
public sealed class CommandTests(RunningHost host) : IClassFixture<RunningHost>
{
    [Fact]
    public void Up_Json_TellsAddressStorageAndFolder()
    {
        Assert.True(host.Ready.GetProperty("ready").GetBoolean());
        Assert.StartsWith("http://localhost:", host.Ready.GetProperty("url").GetString(), StringComparison.Ordinal);
        Assert.Contains("QueueEndpoint=", host.Ready.GetProperty("storage").GetString(), StringComparison.Ordinal);
        Assert.Equal(Path.Combine(host.Folder, ".serverless"), host.Ready.GetProperty("folder").GetString());
    }

    [Fact]
    public async Task Up_SameFolderAgain_IsRefusedWithTheRunningHostsAddress()
    {
        var result = await host.RunAsync("up", "--port", "0", "--blob-port", "0", "--queue-port", "0");

        Assert.Equal(ExitCode.NoHost, result.ExitCode);
        Assert.Contains(host.Ready.GetProperty("url").GetString()!, result.Error, StringComparison.Ordinal);
        Assert.Contains("--folder", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_PortTaken_NamesPortAndOption()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);

        var result = await host.RunAsync("up", "--folder", "another", "--port", port, "--blob-port", "0", "--queue-port", "0");

        Assert.Equal(ExitCode.NoHost, result.ExitCode);
        Assert.Contains($"Port {port}", result.Error, StringComparison.Ordinal);
        Assert.Contains("--port", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataImport_Csv_MakesADatasetThatTheListShows()
    {
        var train = host.File("digits.csv", "a,b,c,d,label\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i % 16},1,2,3,{(i % 2 == 0 ? "even" : "odd")}\n")));

        var imported = await host.RunAsync("data", "import", "digits", "--train", train, "--test", train, "--format", "csv", "--label", "label", "--shape", "1,2,2", "--scale", "16", "--json");
        var listed = await host.RunAsync("data", "list", "--json");

        Assert.True(imported.ExitCode == ExitCode.Ok, imported.Error);
        Assert.Equal("digits", imported.Json.GetProperty("dataset").GetString());
        Assert.Equal(40, imported.Json.GetProperty("rows").GetInt32());
        Assert.Equal(40, imported.Json.GetProperty("testRows").GetInt32());
        Assert.Equal(["even", "odd"], imported.Json.GetProperty("classes").EnumerateArray().Select(name => name.GetString()!));
        var dataset = Assert.Single(listed.Json.GetProperty("datasets").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "digits");
        Assert.Equal(imported.Json.GetProperty("sha256").GetString(), dataset.GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task DataImport_RaggedCsv_NamesTheLineAndLeavesNothing()
    {
        var train = host.File("ragged.csv", "1,2,0\n3,4,1\n5,6\n");

        var result = await host.RunAsync("data", "import", "ragged", "--train", train, "--format", "csv", "--json");
        var listed = await host.RunAsync("data", "list", "--json");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("line 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("line 3", result.Json.GetProperty("errors")[0].GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(listed.Json.GetProperty("datasets").EnumerateArray(), entry => entry.GetProperty("name").GetString() == "ragged");
    }

    [Fact]
    public async Task DataImport_SeveralMistakes_TellsAllOfThem()
    {
        var result = await host.RunAsync("data", "import", "Bad_Name", "--train", "nowhere.csv", "--format", "csv", "--shape", "0,8", "--scale", "-1", "--json");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("shape: is '0,8'", result.Error, StringComparison.Ordinal);
        Assert.Contains("scale: is '-1'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DataImport_UnknownFormat_IsRefusedWithTheKnownOnes()
    {
        var result = await host.RunAsync("data", "import", "x", "--train", "x.parquet", "--format", "parquet");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("parquet", result.Error, StringComparison.Ordinal);
        Assert.Contains("idx", result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("serverless data import --help", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_WrongSpec_TellsEveryFieldLineByLine()
    {
        var job = host.File("wrong.json", """{ "datset": "digits", "shards": 0, "epochs": -1, "network": { "layers": [{ "type": "liner", "units": 2 }] } }""");

        var result = await host.RunAsync("submit", job, "--json");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        var lines = result.Error.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("  datset:", StringComparison.Ordinal) && line.Contains("\"dataset\"", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  shards: is 0", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("  network.layers[0].type:", StringComparison.Ordinal) && line.Contains("linear", StringComparison.Ordinal));
        Assert.Contains(result.Json.GetProperty("errors").EnumerateArray(), error => error.GetProperty("field").GetString() == "epochs");
        Assert.Equal(ExitCode.BadInput, result.Json.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Submit_NoSuchFile_IsBadInput()
    {
        var result = await host.RunAsync("submit", "nowhere.json");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("'nowhere.json'", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_ThenJobJobsCancelAndWatch_TellTheSameJob()
    {
        var train = host.File("pairs.csv", string.Concat(Enumerable.Range(0, 64).Select(i => $"{i},{i % 3},{i % 2}\n")));
        Assert.Equal(ExitCode.Ok, (await host.RunAsync("data", "import", "pairs", "--train", train, "--format", "csv")).ExitCode);
        var spec = host.File("job.json", """{ "dataset": "pairs", "epochs": 1, "shards": 2, "network": { "layers": [{ "type": "linear", "units": 2 }] } }""");

        var submitted = await host.RunAsync("submit", spec, "--json");
        Assert.True(submitted.ExitCode == ExitCode.Ok, submitted.Error);
        var id = submitted.Json.GetProperty("job").GetString()!;
        var job = await host.RunAsync("job", id, "--json");
        var cancelled = await host.RunAsync("cancel", id, "--json");
        var listed = await host.RunAsync("jobs", "--json");
        var watched = await host.RunAsync("watch", id, "--json");

        Assert.Equal(id, job.Json.GetProperty("job").GetString());
        Assert.Equal("cancelled", cancelled.Json.GetProperty("state").GetString());
        Assert.Contains(listed.Json.GetProperty("jobs").EnumerateArray(), entry => entry.GetProperty("job").GetString() == id);
        Assert.Equal(ExitCode.Failed, watched.ExitCode);
        Assert.Equal("cancelled", watched.Json.GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("job", "20260101-000000-aaaaaaaa")]
    [InlineData("watch", "20260101-000000-aaaaaaaa")]
    [InlineData("cancel", "20260101-000000-aaaaaaaa")]
    public async Task Command_UnknownJob_IsNotFound(string command, string job)
    {
        var result = await host.RunAsync(command, job, "--json");

        Assert.Equal(ExitCode.NotFound, result.ExitCode);
        Assert.Contains(job, result.Json.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_UnknownModel_IsNotFound()
    {
        var rows = host.File("rows.json", "[[1, 2]]");

        var result = await host.RunAsync("infer", "nobody", "--input", rows);

        Assert.Equal(ExitCode.NotFound, result.ExitCode);
        Assert.Contains("nobody", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_HostNamedThatIsNotThere_IsNoHost()
    {
        var result = await host.RunAsync("jobs", "--url", "http://localhost:9", "--json");

        Assert.Equal(ExitCode.NoHost, result.ExitCode);
        Assert.Contains("http://localhost:9", result.Error, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Array, result.Json.GetProperty("errors").ValueKind);
    }

    [Fact]
    public async Task Models_None_SaysHowToPublishOne()
    {
        var result = await host.RunAsync("models");

        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.Contains("publish", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', result.Output + result.Error);
    }

    [Fact]
    public async Task Demo_DataNotThere_SaysWhereToGetIt()
    {
        var result = await host.RunAsync("demo", "--data", "nowhere");

        Assert.Equal(ExitCode.BadInput, result.ExitCode);
        Assert.Contains("train-images-idx3-ubyte", result.Error, StringComparison.Ordinal);
        Assert.Contains("--data", result.Error, StringComparison.Ordinal);
        Assert.Contains("dataset-fashion-mnist", result.Error, StringComparison.Ordinal);
    }
}
