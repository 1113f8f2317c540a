using System.CommandLine;
using Serverless.Cli.Connections;

namespace Serverless.Cli.Commands;

/// <summary>The options that every command has.</summary>
internal static class GlobalOptions
{
    /// <summary>Results as JSON.</summary>
    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write the result as one line of JSON to standard output; everything else goes to standard error.",
        Recursive = true,
    };

    /// <summary>The host to talk to.</summary>
    public static Option<Uri?> Url { get; } = new("--url")
    {
        Description = $"The host to talk to. Default: ${HostAddress.Variable}, else the host that runs on --folder, else {HostAddress.Default}. A deployment in Azure also wants its function key in ${HostAddress.KeyVariable}.",
        HelpName = "URL",
        Recursive = true,
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : Refuse<Uri>(result, $"--url is '{result.Tokens[0].Value}'; it has to be an address such as {HostAddress.Default}."),
    };

    /// <summary>The data folder of the local host.</summary>
    public static Option<string> Folder { get; } = new("--folder")
    {
        Description = "Where the local host keeps its data and logs.",
        HelpName = "FOLDER",
        Recursive = true,
        DefaultValueFactory = _ => ".serverless",
    };

    /// <summary>A whole number within a range.</summary>
    public static Option<int?> Number(string name, string description, int least, int most) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => int.TryParse(result.Tokens[0].Value, out var number) && number >= least && number <= most
            ? number
            : Refuse<int?>(result, $"{name} is '{result.Tokens[0].Value}'; it has to be a whole number of {least} to {most}."),
    };

    private static T? Refuse<T>(System.CommandLine.Parsing.ArgumentResult result, string message)
    {
        result.AddError(message);
        return default;
    }
}
