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

    public void Dispose() => _folder.Dispose();

    private ToolProcess Start() => ToolProcess.Start(_folder.Path, "up", "--json", "--port", "0", "--blob-port", "0", "--queue-port", "0", "--trainers", "0");
}
