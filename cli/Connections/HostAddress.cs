using Serverless.Cli.Hosting;

namespace Serverless.Cli.Connections;

/// <summary>Which host the user means.</summary>
/// <param name="Url">The address given on the command line, if any.</param>
/// <param name="Folder">The data folder of a local host.</param>
internal sealed record HostAddress(Uri? Url, string Folder)
{
    /// <summary>Environment variable with the address of the host.</summary>
    public const string Variable = "SERVERLESS_URL";

    /// <summary>Environment variable with the function key that a deployment in Azure asks for; a local host asks for none.</summary>
    public const string KeyVariable = "SERVERLESS_KEY";

    /// <summary>Where <c>serverless up</c> listens unless told otherwise.</summary>
    public static Uri Default { get; } = new($"http://localhost:{LocalHostOptions.DefaultPort}");

    /// <summary>The address the user named, on the command line or in the environment.</summary>
    /// <exception cref="UsageException">The environment's is no address.</exception>
    public Uri? Named()
    {
        if (Url is not null)
        {
            return Url;
        }

        return Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new UsageException($"${Variable} is '{text}'; it has to be an address such as {Default}.");
    }
}
