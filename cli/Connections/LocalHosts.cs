using System.Globalization;
using Serverless.Cli.Hosting;
using Serverless.ControlPlane;
using Serverless.Inference;

namespace Serverless.Cli.Connections;

/// <summary>Describes a local host with the product's own function apps and trainer.</summary>
public static class LocalHosts
{
    /// <summary>Options for a host on a data folder, with ports that the system chooses.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="trainers">How many trainers may run at once; 0 for none.</param>
    public static LocalHostOptions Options(string folder, int trainers) => new()
    {
        Folder = folder,
        Apps =
        [
            new FunctionApp("control-plane", typeof(ControlPlaneServices).Assembly, HostJson("control-plane"), (services, settings) => services.AddControlPlane(settings)),
            Inference(),
        ],
        Settings = new Dictionary<string, string?> { [ControlPlaneSettings.ReconcileSchedule] = ControlPlaneSettings.LocalReconcileSchedule },
        Trainers = trainers == 0 ? null : new TrainerPoolOptions
        {
            Max = trainers,
            FileName = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            Arguments = [Path.Combine(AppContext.BaseDirectory, "Serverless.Trainer.dll")],
        },
    };

    /// <summary>The inference app.</summary>
    public static FunctionApp Inference() =>
        new("inference", typeof(InferenceServices).Assembly, HostJson("inference"), (services, settings) => services.AddInference(settings));

    /// <summary>The number of trainers where nobody said one: a core each.</summary>
    public static int DefaultTrainers => Environment.ProcessorCount;

    /// <summary>Reads the number of trainers.</summary>
    internal static string Describe(int trainers) => trainers switch
    {
        0 => "no trainers",
        1 => "up to 1 trainer",
        _ => string.Create(CultureInfo.InvariantCulture, $"up to {trainers} trainers"),
    };

    private static string HostJson(string app) => Path.Combine(AppContext.BaseDirectory, "apps", app, "host.json");
}
