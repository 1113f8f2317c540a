using System.Text.Json;

namespace Serverless.EndToEnd.Installations;

/// <summary>How a command ended.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Output">Lines of standard output.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record CommandResult(int Code, IReadOnlyCollection<string> Output, string Errors)
{
    /// <summary>The last line of standard output, which is what scripts read.</summary>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Output.Last());
            return document.RootElement.Clone();
        }
    }

    /// <summary>Everything, for messages of failed tests.</summary>
    public override string ToString() => $"exit code {Code}{Environment.NewLine}{string.Join(Environment.NewLine, Output)}{Environment.NewLine}{Errors}";
}
