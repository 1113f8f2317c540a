using System.Text;
using System.Text.RegularExpressions;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Jobs;

/// <summary>docs/jobs.md says what the code does.</summary>
public sealed partial class JobsDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "jobs.md"));

    [Fact]
    public void Example_IsALegalJob()
    {
        var spec = JobSpec.Parse(Encoding.UTF8.GetBytes(JsonBlock().Match(Document).Groups[1].Value));

        Assert.Equal((4, 16, OuterKind.Nesterov), (spec.Shards, spec.LocalSteps, spec.Outer.Type));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("optimizer", "")]
    [InlineData("optimizer", "\"type\": \"adam\"")]
    [InlineData("schedule", "\"type\": \"cosine\"")]
    [InlineData("schedule", "\"type\": \"step\", \"stepEvery\": 1")]
    [InlineData("outer", "\"type\": \"nesterov\"")]
    [InlineData("outer", "\"type\": \"adam\"")]
    public void Tables_NameEveryFieldThatIsKnown(string section, string content)
    {
        var wrong = $$"""{ {{content}}{{(content.Length == 0 ? "" : ",")}} "zzzzzzzzzzzz": 1 }""";
        var job = section.Length == 0 ? wrong : $$"""{"{{section}}": {{wrong}} }""";

        var message = Assert.Throws<ValidationException>(() => JobSpec.Parse(Encoding.UTF8.GetBytes(job))).Errors.Single(error => error.Field.EndsWith("zzzzzzzzzzzz", StringComparison.Ordinal)).Message;

        var known = message[(message.IndexOf("known are ", StringComparison.Ordinal) + "known are ".Length)..].Split(", ");
        var text = section.Length == 0 ? Document : Document[Document.IndexOf($"\n## {section}\n", StringComparison.Ordinal)..];
        Assert.All(known, field => Assert.Matches($@"\n\|[^|\n]*`{field}`[^|\n]*\|", text));
    }

    [Theory]
    [InlineData("shards")]
    [InlineData("batchSize")]
    [InlineData("epochs")]
    [InlineData("rounds")]
    [InlineData("localSteps")]
    [InlineData("seed")]
    [InlineData("evaluateEvery")]
    public void Tables_LegalRanges_AreTheCodes(string field)
    {
        var message = Assert.Throws<ValidationException>(() => JobSpec.Parse(Encoding.UTF8.GetBytes($$"""{"{{field}}": -1}"""))).Errors.Single(error => error.Field == field && error.Message.Contains("legal", StringComparison.Ordinal)).Message;

        var range = message[(message.IndexOf("legal ", StringComparison.Ordinal) + "legal ".Length)..];
        Assert.Contains(range, Document.Split('\n').Single(line => line.StartsWith($"| `{field}` |", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();

    private static string RepositoryRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Serverless.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
