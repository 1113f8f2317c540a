namespace Serverless.Cli.Hosting.Processes;

/// <summary>Finds the Azurite that the bootstrap script installed.</summary>
public static class AzuritePackage
{
    /// <summary>Names a script to use instead, such as that of a global installation.</summary>
    public const string Variable = "SERVERLESS_AZURITE";

    private const string Script = "artifacts/azurite/node_modules/azurite/dist/src/azurite.js";

    /// <summary>The path of Azurite's start script.</summary>
    /// <exception cref="HostStartException">It is nowhere.</exception>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new HostStartException($"{Variable} is '{named}', but there is no such file. It has to be the path of Azurite's dist/src/azurite.js.");
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var script = Path.Combine(folder.FullName, Script);
            if (File.Exists(script))
            {
                return script;
            }
        }

        throw new HostStartException(
            $"Azurite, the local stand-in for Azure Storage, is not installed. Run ./serverless once (it installs it), or set {Variable} to the path of dist/src/azurite.js of an Azurite that you have.");
    }
}
