namespace Serverless.EndToEnd.Installations;

/// <summary>The product's programs, which lie beside this test's.</summary>
internal static class ProductFiles
{
    /// <summary>The command.</summary>
    public const string Cli = "Serverless.Cli.dll";

    /// <summary>The trainer.</summary>
    public const string Trainer = "Serverless.Trainer.dll";

    /// <summary>Settings that every process gets: nothing of the machine's own may lead it to another installation.</summary>
    public static IReadOnlyDictionary<string, string?> Environment { get; } = new Dictionary<string, string?>
    {
        ["AzureWebJobsStorage"] = null,
        ["SERVERLESS_URL"] = null,
        ["SERVERLESS_TRAINER_DEVICE"] = "cpu",
        ["ORT_DISABLE_TELEMETRY"] = "1",
        ["DOTNET_NOLOGO"] = "1",
        ["NO_COLOR"] = "1",
    };
}
