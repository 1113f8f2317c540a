using System.Text.Json;

namespace Serverless.Cli.Tests.Commands;

/// <summary>A host started by <c>serverless up</c>, with no trainers, and commands run in its folder.</summary>
public sealed class RunningHost : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ToolProcess? _up;

    public JsonElement Ready { get; private set; }

    public string Folder => _folder.Path;

    public string File(string name, string content)
    {
        System.IO.File.WriteAllText(_folder.File(name), content);
        return name;
    }

    public async Task InitializeAsync()
    {
        _up = ToolProcess.Start(Folder, "up", "--json", "--port", "0", "--blob-port", "0", "--queue-port", "0", "--trainers", "0");
        Ready = await _up.ReadyAsync();
    }

    internal Task<ToolResult> RunAsync(params string[] arguments) => ToolProcess.RunAsync(Folder, arguments);

    public async Task DisposeAsync()
    {
        _up!.Signal("TERM");
        await _up.WaitAsync();
        _up.Dispose();
        _folder.Dispose();
    }
}
