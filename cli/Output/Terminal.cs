using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Serverless.Cli.Commands;
using Spectre.Console;

namespace Serverless.Cli.Output;

/// <summary>Where a command writes: results to standard output, everything that comes before the result to standard error.</summary>
internal sealed class Terminal
{
    // Wide enough that no table of ours is folded where nobody looks at its shape.
    private const int WidthOfNoTerminal = 400;

    private static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A terminal of this process.</summary>
    /// <param name="isJson">Whether results are written as JSON.</param>
    public Terminal(bool isJson)
    {
        IsJson = isJson;
        Out = Create(Console.Out, Console.IsOutputRedirected);
        Error = Create(Console.Error, Console.IsErrorRedirected);
        IsLive = !Console.IsErrorRedirected && Error.Profile.Capabilities.Ansi;
    }

    /// <summary>Whether results are written as JSON.</summary>
    public bool IsJson { get; }

    /// <summary>Whether progress can be drawn in place; if not, it is plain lines.</summary>
    public bool IsLive { get; }

    /// <summary>For results.</summary>
    public IAnsiConsole Out { get; }

    /// <summary>For progress, notes and errors.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Tells something on the way.</summary>
    public void Note(string text) => Error.WriteLine(text);

    /// <summary>Writes the result for scripts.</summary>
    public static void Json<T>(T result) => Console.Out.WriteLine(JsonSerializer.Serialize(result, Line));

    /// <summary>Writes the result: for scripts as JSON, else as told.</summary>
    public void Result<T>(T result, Action<IAnsiConsole> forPeople)
    {
        if (IsJson)
        {
            Json(result);
        }
        else
        {
            forPeople(Out);
        }
    }

    /// <summary>A table in the one style of all tables.</summary>
    public static Table Table(params string[] columns)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn($"[dim]{Markup.Escape(column)}[/]").PadRight(2));
        }

        return table;
    }

    /// <summary>Tells what went wrong, field by field.</summary>
    public void Fail(Failure failure)
    {
        Error.Write(new Text($"Error: {failure.Error}{Environment.NewLine}", new Style(Color.Red)));
        foreach (var error in failure.Errors)
        {
            Error.WriteLine(error.Field.Length == 0 ? $"  {error.Message}" : $"  {error.Field}: {error.Message}");
        }

        if (IsJson)
        {
            Json(failure);
        }
    }

    private static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = isRedirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        if (isRedirected)
        {
            console.Profile.Width = WidthOfNoTerminal;
        }

        return console;
    }
}
