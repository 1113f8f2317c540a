using System.Text.Json;

namespace Serverless.Cli.Tests;

/// <summary>What a command left.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The last line of standard output as JSON, as scripts read it.</summary>
    public JsonElement Json => JsonDocument.Parse(Output.TrimEnd('\n').Split('\n')[^1]).RootElement;
}
