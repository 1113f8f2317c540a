using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Serverless.Core.Models;
using Serverless.Core.Storage;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;
using Serverless.Inference.Statistics;

namespace Serverless.Inference;

/// <summary>Registers what the inference functions are made of.</summary>
public static class InferenceServices
{
    /// <summary>Adds everything but the functions' classes themselves, which the Functions worker makes.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">Settings: the connection <c>AzureWebJobsStorage</c> and the section <c>Inference</c>.</param>
    public static IServiceCollection AddInference(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<InferenceOptions>().Bind(configuration.GetSection(InferenceOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        OnnxRuntimeTelemetry.Disable();

        // A client is better told soon that the store is away; the poller asks again anyway.
        services.TryAddSingleton(_ => ServerlessStorage.Connect(
            StorageSettings.From(name => configuration[name.Replace("__", ":", StringComparison.Ordinal)]), StoragePatience.Brief));
        services.TryAddSingleton<ModelStore>();
        services.AddSingleton<StatisticsRegistry>();
        services.AddSingleton<ModelRunnerFactory>();
        services.AddSingleton<ModelCache>();
        services.AddSingleton<ModelLoader>();
        services.AddSingleton<LoadRequestReader>();
        services.AddSingleton<ModelRepository>();
        services.AddSingleton<InferenceRequestReader>();
        services.AddSingleton<InferenceResponseWriter>();
        services.AddSingleton<InferenceHandler>();
        services.AddSingleton<ProtocolEndpoint>();
        services.AddHostedService<ModelPoller>();
        return services;
    }
}
