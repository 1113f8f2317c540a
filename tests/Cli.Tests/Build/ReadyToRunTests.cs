using System.Reflection.PortableExecutable;
using System.Runtime.Versioning;

namespace Serverless.Cli.Tests.Build;

/// <summary>The script that compiles a built program beforehand, with the real compiler where the feed has it.</summary>
[SupportedOSPlatform("linux")]
public sealed class ReadyToRunTests : IDisposable
{
    private static readonly string[] Assemblies = ["Serverless.Core.dll", "NCrontab.Signed.dll"];

    private readonly Sandbox _sandbox = new();

    public ReadyToRunTests()
    {
        Directory.CreateDirectory(_sandbox.InFolder("program"));
        foreach (var name in Assemblies)
        {
            File.Copy(Path.Combine(AppContext.BaseDirectory, name), _sandbox.InFolder($"program/{name}"));
        }
    }

    [Fact]
    public async Task ReadyToRun_Program_IsCompiledOnceOrLeftAloneWithAReason()
    {
        var first = await Compile();

        Assert.Equal(0, first.ExitCode);
        var compiled = Assemblies.Select(name => (Name: name, IsCompiled: IsCompiled(name), Time: File.GetLastWriteTimeUtc(_sandbox.InFolder($"program/{name}")))).ToList();
        Assert.All(compiled, assembly => Assert.NotEqual(assembly.IsCompiled, first.Output.Contains("start a little slower", StringComparison.Ordinal)));

        var second = await Compile();

        Assert.Equal(0, second.ExitCode);
        Assert.All(compiled, assembly =>
        {
            Assert.Equal(assembly.IsCompiled, IsCompiled(assembly.Name));
            Assert.Equal(assembly.Time, File.GetLastWriteTimeUtc(_sandbox.InFolder($"program/{assembly.Name}")));
        });
    }

    [Fact]
    public async Task ReadyToRun_FileThatIsNoAssembly_StaysAsItIs()
    {
        _sandbox.Write("program/notes.dll", "not an assembly");

        var result = await Compile();

        Assert.Equal(0, result.ExitCode);
        Assert.Equal("not an assembly", await File.ReadAllTextAsync(_sandbox.InFolder("program/notes.dll")));
    }

    public void Dispose() => _sandbox.Dispose();

    private Task<CommandResult> Compile() => _sandbox.Run(_sandbox.InFolder("build/ready-to-run"), [_sandbox.InFolder("program")]);

    private bool IsCompiled(string name)
    {
        using var file = new PEReader(File.OpenRead(_sandbox.InFolder($"program/{name}")));
        return file.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }
}
