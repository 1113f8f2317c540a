namespace Serverless.Cli.Tests.Commands;

/// <summary>However <c>serverless up</c> ends, it leaves no process behind.</summary>
public sealed class UpProcessTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Up_AskedToStop_EndsWellAndLeavesNoProcess(string signal)
    {
        using var up = Start();
        await up.ReadyAsync();
        var children = ProcessTree.DescendantsOf(up.Id);
        Assert.NotEmpty(children);

        up.Signal(signal);
        var result = await up.WaitAsync();

        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.DoesNotContain(children, ProcessTree.IsRunning);
        Assert.False(File.Exists(Path.Combine(_folder.Path, ".serverless", "host.json")));
    }

    [Fact]
    public async Task Up_InterruptedLikeFromATerminal_StopsStorageLast()
    {
        // Ctrl+C in a terminal goes to every process of the group at once.
        using var up = Start();
        await up.ReadyAsync();
        var children = ProcessTree.DescendantsOf(up.Id);

        foreach (var child in children)
        {
            using var kill = System.Diagnostics.Process.Start("kill", ["-INT", child.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }

        up.Signal("INT");
        var result = await up.WaitAsync();

        Assert.Equal(ExitCode.Ok, result.ExitCode);
        Assert.DoesNotContain("ended with exit code", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(children, ProcessTree.IsRunning);
    }

    [Fact]
    public async Task Up_Killed_ItsChildrenEndByThemselvesAndTheFolderIsFree()
    {
        using (var up = Start())
        {
            await up.ReadyAsync();
            var children = ProcessTree.DescendantsOf(up.Id);
            Assert.NotEmpty(children);

            up.Signal("KILL");
            await up.WaitAsync();

            await Eventually.TrueAsync(() => !children.Any(ProcessTree.IsRunning), "the children have ended");
        }

        using var again = Start();
        await again.ReadyAsync();
        again.Signal("TERM");
        Assert.Equal(ExitCode.Ok, (await again.WaitAsync()).ExitCode);
    }

    [Fact]
    public async Task Up_KilledWhileTraining_TakesItsTrainersWithIt()
    {
        await File.WriteAllTextAsync(_folder.File("rows.csv"), string.Concat(Enumerable.Range(0, 512).Select(i => $"{i},{i % 7},{i % 2}\n")));
        await File.WriteAllTextAsync(_folder.File("job.json"), """{ "dataset": "rows", "rounds": 90000, "shards": 2, "network": { "layers": [{ "type": "linear", "units": 2 }] } }""");
        using var up = Start(trainers: 2);
        await up.ReadyAsync();
        Assert.Equal(ExitCode.Ok, (await ToolProcess.RunAsync(_folder.Path, "data", "import", "rows", "--train", "rows.csv", "--format", "csv")).ExitCode);
        Assert.Equal(ExitCode.Ok, (await ToolProcess.RunAsync(_folder.Path, "submit", "job.json")).ExitCode);
        await Eventually.TrueAsync(() => ProcessTree.DescendantsOf(up.Id).Count >= 3, "storage and two trainers run");
        var children = ProcessTree.DescendantsOf(up.Id);

        up.Signal("KILL");
        await up.WaitAsync();

        await Eventually.TrueAsync(() => !children.Any(ProcessTree.IsRunning), "the trainers and the storage have ended");
    }

    public void Dispose() => _folder.Dispose();

    private ToolProcess Start(int trainers = 0) => ToolProcess.Start(
        _folder.Path, "up", "--json", "--port", "0", "--blob-port", "0", "--queue-port", "0", "--trainers", $"{trainers}");
}
