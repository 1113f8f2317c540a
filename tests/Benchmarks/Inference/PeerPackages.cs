namespace Serverless.Benchmarks.Inference;

/// <summary>Finds the npm packages that the bootstrap script installed for the benchmark.</summary>
internal static class PeerPackages
{
    private const string Modules = "artifacts/peers/node_modules";

    /// <summary>The folder of the modules.</summary>
    /// <exception cref="InvalidOperationException">It is nowhere.</exception>
    public static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var modules = Path.Combine(folder.FullName, Modules);
            if (Directory.Exists(modules))
            {
                return modules;
            }
        }

        throw new InvalidOperationException("fastify and onnxruntime-node are not installed; run ./serverless bench inference (it installs them), or build/install-peers");
    }
}
