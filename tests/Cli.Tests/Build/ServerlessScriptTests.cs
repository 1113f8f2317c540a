using System.Runtime.Versioning;

namespace Serverless.Cli.Tests.Build;

/// <summary>The root script, on a machine where dotnet, apt-get and the like are stand-ins that write down how they were called.</summary>
[SupportedOSPlatform("linux")]
public sealed class ServerlessScriptTests : IDisposable
{
    private const string Tool = "cli/bin/Release/net10.0/Serverless.Cli.dll";

    private readonly Sandbox _sandbox = new();

    public ServerlessScriptTests()
    {
        File.Copy(Path.Combine(Sandbox.Repository, "serverless"), _sandbox.InFolder("serverless"));
        foreach (var folder in (string[])["cli", "core", "functions", "substitutes", "trainer-container"])
        {
            _sandbox.Write($"{folder}/Source.cs", "");
        }

        _sandbox.Write("artifacts/azurite/version", "3.37.0");
        _sandbox.Write("artifacts/azurite/node_modules/azurite/dist/src/azurite.js", "");
        WriteCommand("dotnet", $$"""
            case "$1" in
              --list-sdks) echo "10.0.401 [/somewhere]" ;;
              --version) echo "10.0.401" ;;
              restore) echo "<Project><PropertyGroup><Packages>substitutes</Packages></PropertyGroup></Project>" > artifacts/feed.props ;;
              build) mkdir -p {{Path.GetDirectoryName(Tool)}}; echo built > {{Tool}} ;;
              test) mkdir -p artifacts/test-results; cp results/*.trx artifacts/test-results/; exit "$(cat results/status)" ;;
              *) shift; echo "tool $*" ;;
            esac
            """);
        WriteCommand("node", "");
        WriteCommand("npm", "");
        WriteCommand("g++", "");
        WriteCommand("id", "echo 0");
        WriteCommand("dpkg-query", "echo installed");
    }

    [Fact]
    public async Task Serverless_CalledTwice_BuildsOnceAndRunsTheToolWithItsArguments()
    {
        var first = await Serverless("jobs", "--json");
        var second = await Serverless("models", "two words");

        Assert.Contains("tool jobs --json", first.Output, StringComparison.Ordinal);
        Assert.Contains("serverless: building", first.Output, StringComparison.Ordinal);
        Assert.Equal("tool models two words", second.Output.Trim());
        Assert.Single(Calls("dotnet build"));
    }

    [Theory]
    [InlineData("core/Source.cs")]
    [InlineData("substitutes/Source.cs")]
    [InlineData("Directory.Packages.props")]
    public async Task Serverless_AfterASourceChanged_BuildsAgain(string source)
    {
        await Serverless("jobs");
        File.SetLastWriteTimeUtc(_sandbox.InFolder(source), DateTime.UtcNow.AddSeconds(1));

        await Serverless("jobs");

        Assert.Equal(2, Calls("dotnet build").Count);
    }

    [Fact]
    public async Task Serverless_AfterASourceWasDeleted_BuildsAgain()
    {
        await Serverless("jobs");
        File.Delete(_sandbox.InFolder("core/Source.cs"));

        await Serverless("jobs");

        Assert.Equal(2, Calls("dotnet build").Count);
    }

    [Fact]
    public async Task Serverless_ForTheFirstTimeWithCuda_BuildsAgain()
    {
        await Serverless("jobs");

        await _sandbox.Run(_sandbox.InFolder("serverless"), ["jobs"], SearchPath(), ("SERVERLESS_GPU", "true"));

        Assert.Contains(Calls("dotnet build"), call => call.Contains("-p:Gpu=true", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Serverless_WhenTheBuildFails_FailsAndTriesAgainNextTime()
    {
        var dotnet = File.ReadAllText(_sandbox.InFolder("bin/dotnet"));
        WriteCommand("dotnet", """[ "$1" = --list-sdks ] && echo 10.0.401 || { [ "$1" = restore ]; }""");
        _sandbox.Write("artifacts/feed.props", "<Packages>substitutes</Packages>");

        var failed = await Serverless("jobs");
        File.WriteAllText(_sandbox.InFolder("bin/dotnet"), dotnet);
        var repaired = await Serverless("jobs");

        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("the build failed", failed.Output, StringComparison.Ordinal);
        Assert.Contains("tool jobs", repaired.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serverless_WithoutAnSdk10_SaysWhatThereIs()
    {
        WriteCommand("dotnet", "echo '8.0.100 [/somewhere]'");

        var result = await Serverless("jobs");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the .NET SDK 10 is missing; there is: 8.0.100", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serverless_WhereDebianPackagesAreMissing_InstallsThemAndRefreshesTheListsIfNeeded()
    {
        WriteCommand("dpkg-query", """case "$*" in *libtorch-dev*|*dataset-fashion-mnist*) exit 1 ;; *) echo installed ;; esac""");
        WriteCommand("apt-get", """[ "$1" = update ] && touch updated || [ -f updated ]""");

        var result = await Serverless("jobs");

        Assert.True(result.ExitCode == 0, result.Output);
        Assert.Contains("serverless: installing Debian packages: dataset-fashion-mnist libtorch-dev", result.Output, StringComparison.Ordinal);
        Assert.Equal(["apt-get install", "apt-get update", "apt-get install"], Calls("apt-get").Select(call => string.Join(' ', call.Split(' ')[..2])));
    }

    [Fact]
    public async Task Serverless_WhereDebianPackagesCannotBeInstalled_NamesThem()
    {
        WriteCommand("dpkg-query", """case "$*" in *libopenblas0*) exit 1 ;; *) echo installed ;; esac""");
        WriteCommand("apt-get", "exit 100");

        var result = await Serverless("jobs");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("could not install libopenblas0-pthread", result.Output, StringComparison.Ordinal);
        Assert.Empty(Calls("dotnet build"));
    }

    [Theory]
    [InlineData(0, 0, "9 passed, 0 failed, 2 skipped")]
    [InlineData(1, 2, "7 passed, 2 failed, 2 skipped")]
    public async Task Serverless_Test_EndsWithTheSumOfAllRuns(int status, int failed, string expected)
    {
        WriteResults("a", total: 6, executed: 4, passed: 4, failed: 0);
        WriteResults("b", total: 5, executed: 5, passed: 5 - failed, failed);
        _sandbox.Write("results/status", $"{status}");

        var result = await Serverless("test", "--filter", "Name~x");

        Assert.Equal(status, result.ExitCode);
        Assert.Equal(expected, result.StandardOutput.Trim().Split('\n')[^1]);
        Assert.Contains("--filter Name~x", Calls("dotnet test").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Serverless_TestWithoutASingleTest_Fails()
    {
        WriteResults("a", total: 0, executed: 0, passed: 0, failed: 0);
        _sandbox.Write("results/status", "0");

        var result = await Serverless("test");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal("0 passed, 0 failed, 0 skipped", result.StandardOutput.Trim().Split('\n')[^1]);
    }

    public void Dispose() => _sandbox.Dispose();

    private (string, string) SearchPath() => ("PATH", _sandbox.InFolder("bin") + ":" + Environment.GetEnvironmentVariable("PATH"));

    private Task<CommandResult> Serverless(params string[] arguments) => _sandbox.Run(_sandbox.InFolder("serverless"), arguments, SearchPath());

    private List<string> Calls(string command) =>
        File.Exists(_sandbox.InFolder("calls")) ? [.. File.ReadLines(_sandbox.InFolder("calls")).Where(call => call.StartsWith(command, StringComparison.Ordinal))] : [];

    private void WriteResults(string name, int total, int executed, int passed, int failed) => _sandbox.Write($"results/{name}.trx", $"""
        <TestRun><ResultSummary outcome="Completed">
          <Counters total="{total}" executed="{executed}" passed="{passed}" failed="{failed}" error="0" timeout="0" notExecuted="0" />
        </ResultSummary></TestRun>
        """);

    private void WriteCommand(string name, string script)
    {
        var calls = _sandbox.InFolder("calls");
        _sandbox.Write($"bin/{name}", $"#!/usr/bin/env bash\necho \"{name} $*\" >> {calls}\n{script}\n");
        File.SetUnixFileMode(_sandbox.InFolder($"bin/{name}"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
