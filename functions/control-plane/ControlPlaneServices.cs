using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.ControlPlane.Answers;
using Serverless.ControlPlane.Jobs;
using Serverless.ControlPlane.Models;
using Serverless.ControlPlane.Planning;
using Serverless.ControlPlane.Publishing;
using Serverless.ControlPlane.Queues;
using Serverless.ControlPlane.Reconciling;
using Serverless.ControlPlane.Reducing;
using Serverless.Core.Datasets;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Rounds;
using Serverless.Core.Storage;

namespace Serverless.ControlPlane;

/// <summary>Registers what the control plane's functions are made of.</summary>
public static class ControlPlaneServices
{
    /// <summary>Adds everything but the functions' classes themselves, which the Functions worker makes.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">Settings: the connection <c>AzureWebJobsStorage</c> and the section <c>ControlPlane</c>.</param>
    public static IServiceCollection AddControlPlane(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        OnnxRuntimeTelemetry.Disable();
        services.AddOptions<ControlPlaneOptions>().Bind(configuration.GetSection(ControlPlaneOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => ServerlessStorage.Connect(StorageSettings.From(name => configuration[name.Replace("__", ":", StringComparison.Ordinal)])));
        services.TryAddSingleton(provider => new DatasetStore(provider.GetRequiredService<ServerlessStorage>().Datasets));
        services.TryAddSingleton(new OwnershipOptions());
        services.TryAddSingleton<JobStore>();
        services.TryAddSingleton<Hints>();
        services.TryAddSingleton<RoundStore>();
        services.TryAddSingleton<MetricsLog>();
        services.TryAddSingleton<ShardOwnership>();
        services.TryAddSingleton<RoundReducer>();
        services.TryAddSingleton<ModelStore>();
        services.AddSingleton<HttpEndpoint>();
        services.AddSingleton<QueueEndpoint>();
        services.AddSingleton<SubmitHandler>();
        services.AddSingleton<JobQueries>();
        services.AddSingleton<TrainerActivities>();
        services.AddSingleton<ModelQueries>();
        services.AddSingleton<PlanHandler>();
        services.AddSingleton<ReduceHandler>();
        services.AddSingleton<PublishHandler>();
        services.AddSingleton<ExportCheck>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<JobInspector>();
        services.AddSingleton<ShardOffers>();
        services.AddSingleton<SentHints>();
        return services;
    }
}
