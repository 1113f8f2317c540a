using System.IO.Compression;
using System.Xml.Linq;

namespace Serverless.Cli.Tests.Build;

/// <summary>The build's question to the feed, asked with the repository's own build files and feeds that are folders.</summary>
public sealed class FeedProbeTests : IDisposable
{
    private readonly Sandbox _sandbox = new();

    public FeedProbeTests()
    {
        _sandbox.Write("product/Product.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="TorchSharp" />
              </ItemGroup>
            </Project>
            """);
        _sandbox.Write("substitutes/TorchSharp/TorchSharp.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
        Directory.CreateDirectory(_sandbox.InFolder("feed"));
        UseFeed("feed");
    }

    [Fact]
    public async Task Restore_OnAFeedWithoutTheOfficialPackages_RemembersThatAndTakesTheSubstitute()
    {
        var restored = await Restore();

        Assert.True(restored.ExitCode == 0, restored.Output);
        Assert.Equal("substitutes", Answer());
        Assert.Equal("project", ResolvedAs("TorchSharp"));
    }

    [Fact]
    public async Task Restore_OnACompleteFeed_RemembersThatAndTakesThePackage()
    {
        PublishEveryPackage();

        var restored = await Restore();

        Assert.True(restored.ExitCode == 0, restored.Output);
        Assert.Equal("official", Answer());
        Assert.Equal("package", ResolvedAs("TorchSharp"));
        Assert.Equal("package", ResolvedAs("TorchSharp-cpu"));
    }

    [Fact]
    public async Task Restore_WithCudaOnACompleteFeed_TakesTheCudaFlavour()
    {
        PublishEveryPackage();

        var restored = await Restore("-p:Packages=official", "-p:Gpu=true");

        Assert.True(restored.ExitCode == 0, restored.Output);
        Assert.Equal("package", ResolvedAs("TorchSharp-cuda-linux"));
        Assert.Null(ResolvedAs("TorchSharp-cpu"));
    }

    [Fact]
    public async Task Restore_ToldWhichPackages_DoesNotAsk()
    {
        var restored = await Restore("-p:Packages=substitutes");

        Assert.True(restored.ExitCode == 0, restored.Output);
        Assert.False(File.Exists(_sandbox.InFolder("artifacts/feed.props")));
        Assert.Equal("project", ResolvedAs("TorchSharp"));
    }

    [Fact]
    public async Task Restore_OnAFeedThatDoesNotAnswer_FailsAndRemembersNothing()
    {
        UseFeed("nowhere");

        var restored = await Restore();

        Assert.NotEqual(0, restored.ExitCode);
        Assert.Contains("-p:Packages=official or -p:Packages=substitutes", restored.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(_sandbox.InFolder("artifacts/feed.props")));
    }

    [Fact]
    public async Task Restore_TwiceAtTheSameTime_AnswersBoth()
    {
        _sandbox.Write("other/Other.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");

        var restored = await Task.WhenAll(Restore(), RestoreProject("other/Other.csproj"));

        Assert.All(restored, result => Assert.True(result.ExitCode == 0, result.Output));
        Assert.Equal("substitutes", Answer());
        Assert.Equal(["feed.props"], Directory.EnumerateFileSystemEntries(_sandbox.InFolder("artifacts")).Select(Path.GetFileName));
    }

    public void Dispose() => _sandbox.Dispose();

    private Task<CommandResult> Restore(params string[] properties) => RestoreProject("product/Product.csproj", properties);

    // Packages made up here must never reach the machine's package folder.
    private Task<CommandResult> RestoreProject(string project, params string[] properties) =>
        _sandbox.Run("dotnet", ["restore", project, "-nodeReuse:false", .. properties], ("NUGET_PACKAGES", _sandbox.InFolder("packages")));

    private void UseFeed(string folder) => _sandbox.Write("nuget.config", $"""
        <configuration>
          <packageSources>
            <clear />
            <add key="feed" value="{_sandbox.InFolder(folder)}" />
          </packageSources>
        </configuration>
        """);

    private void PublishEveryPackage()
    {
        foreach (var package in XDocument.Load(_sandbox.InFolder("Directory.Packages.props")).Descendants("PackageVersion"))
        {
            var (id, version) = (package.Attribute("Include")!.Value, package.Attribute("Version")!.Value);
            using var archive = ZipFile.Open(_sandbox.InFolder($"feed/{id}.{version}.nupkg"), ZipArchiveMode.Create);
            using var manifest = new StreamWriter(archive.CreateEntry($"{id}.nuspec").Open());
            manifest.Write($"<package><metadata><id>{id}</id><version>{version}</version><authors>test</authors><description>Nothing.</description></metadata></package>");
        }
    }

    private string Answer() => XDocument.Load(_sandbox.InFolder("artifacts/feed.props")).Descendants("Packages").Single().Value;

    /// <summary>"package", "project", or null where the restored project does not depend on it.</summary>
    private string? ResolvedAs(string id)
    {
        using var assets = System.Text.Json.JsonDocument.Parse(File.ReadAllText(_sandbox.InFolder("product/obj/project.assets.json")));
        return assets.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Name.StartsWith(id + "/", StringComparison.Ordinal))
            .Select(library => library.Value.GetProperty("type").GetString()).SingleOrDefault();
    }
}
