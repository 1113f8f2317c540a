using System.Runtime.Versioning;

namespace Serverless.Cli.Tests.Build;

/// <summary>build/npm-unpack, with a stand-in for npm that packs a folder of this test.</summary>
[SupportedOSPlatform("linux")]
public sealed class NpmUnpackTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public NpmUnpackTests()
    {
        _sandbox.Write("package/wanted/file.txt", "wanted");
        _sandbox.Write("package/other.txt", "not wanted");
        WriteNpm("""
            echo "$@" >> calls
            while [ $# -gt 0 ]; do
              if [ "$1" = --pack-destination ]; then tar -czf "$2/p.tgz" package; fi
              shift
            done
            """);
    }

    [Fact]
    public async Task NpmUnpack_AskedTwiceAtOnce_DownloadsOnceAndKeepsOnlyWhatIsWanted()
    {
        var results = await Task.WhenAll(Unpack("wanted"), Unpack("wanted"));

        Assert.All(results, result => Assert.True(result.ExitCode == 0, result.Output));
        Assert.Single(await File.ReadAllLinesAsync(_sandbox.InFolder("calls")));
        Assert.Contains(results, result => result.Output.Contains("Downloading some-package 1.2.3", StringComparison.Ordinal));
        Assert.Equal(["wanted/file.txt"], Unpacked());
    }

    [Fact]
    public async Task NpmUnpack_ThereAlready_NeedsNoNpm()
    {
        await Unpack("wanted");
        WriteNpm("exit 1");

        var result = await Unpack("wanted");

        Assert.True(result.ExitCode == 0, result.Output);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("wanted")]
    public async Task NpmUnpack_Failing_LeavesNothingBehind(string member)
    {
        if (member == "wanted")
        {
            WriteNpm("exit 1");
        }

        var result = await Unpack(member);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Empty(Directory.EnumerateDirectories(_sandbox.InFolder("artifacts")));
    }

    public void Dispose() => _sandbox.Dispose();

    private Task<CommandResult> Unpack(string member) => _sandbox.Run(
        _sandbox.InFolder("build/npm-unpack"),
        ["some-package", "1.2.3", _sandbox.InFolder("artifacts/unpacked/"), member],
        ("PATH", _sandbox.InFolder("bin") + ":" + Environment.GetEnvironmentVariable("PATH")));

    private IEnumerable<string> Unpacked() =>
        Directory.EnumerateFiles(_sandbox.InFolder("artifacts/unpacked"), "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(_sandbox.InFolder("artifacts/unpacked"), file));

    private void WriteNpm(string script)
    {
        _sandbox.Write("bin/npm", "#!/usr/bin/env bash\nset -e\n" + script + "\n");
        File.SetUnixFileMode(_sandbox.InFolder("bin/npm"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
