using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Serverless.Core.Validation;

namespace Serverless.Core.Storage;

/// <summary>The storage account: the one place where clients are made, so that retries, time-outs and counting are the same everywhere.</summary>
public sealed class ServerlessStorage
{
    private readonly BlobServiceClient _blobs;
    private readonly QueueServiceClient _queues;

    /// <summary>Uses clients made elsewhere, such as a host's.</summary>
    /// <param name="blobs">Blob service.</param>
    /// <param name="queues">Queue service; it must encode messages in base64, as the Functions host does.</param>
    /// <param name="traffic">What counts these clients' requests, if anything does.</param>
    public ServerlessStorage(BlobServiceClient blobs, QueueServiceClient queues, StorageTraffic? traffic = null)
    {
        ArgumentNullException.ThrowIfNull(blobs);
        ArgumentNullException.ThrowIfNull(queues);
        _blobs = blobs;
        _queues = queues;
        Traffic = traffic ?? new StorageTraffic();
        Jobs = blobs.GetBlobContainerClient(StorageNames.JobsContainer);
        Datasets = blobs.GetBlobContainerClient(StorageNames.DatasetsContainer);
        Models = blobs.GetBlobContainerClient(StorageNames.ModelsContainer);
    }

    /// <summary>Container of jobs.</summary>
    public BlobContainerClient Jobs { get; }

    /// <summary>Container of datasets.</summary>
    public BlobContainerClient Datasets { get; }

    /// <summary>Container of published models.</summary>
    public BlobContainerClient Models { get; }

    /// <summary>Operations and bytes of these clients so far.</summary>
    public StorageTraffic Traffic { get; }

    /// <summary>Connects by the environment's <c>AzureWebJobsStorage</c> settings.</summary>
    /// <exception cref="ValidationException">The settings are missing or malformed.</exception>
    public static ServerlessStorage Connect() => Connect(StorageSettings.FromEnvironment());

    /// <summary>Connects by a connection string.</summary>
    /// <exception cref="ValidationException">It is malformed.</exception>
    public static ServerlessStorage Connect(string connectionString) => Connect(new StorageSettings { ConnectionString = connectionString });

    /// <summary>Connects by settings. Nothing is sent yet.</summary>
    /// <param name="settings">Where storage is.</param>
    /// <param name="patience">How long requests are retried while storage does not answer; null for <see cref="StoragePatience.Standard"/>.</param>
    /// <exception cref="ValidationException">The connection string is malformed.</exception>
    public static ServerlessStorage Connect(StorageSettings settings, StoragePatience? patience = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var traffic = new StorageTraffic();
        var blobOptions = new BlobClientOptions();
        var queueOptions = new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 };
        Prepare(blobOptions, traffic, patience ?? StoragePatience.Standard);
        Prepare(queueOptions, traffic, patience ?? StoragePatience.Standard);
        if (settings.ConnectionString is not { } connection)
        {
            var credential = settings.Credential();
            return new ServerlessStorage(
                new BlobServiceClient(settings.BlobServiceUri, credential, blobOptions),
                new QueueServiceClient(settings.QueueServiceUri, credential, queueOptions),
                traffic);
        }

        try
        {
            return new ServerlessStorage(new BlobServiceClient(connection, blobOptions), new QueueServiceClient(connection, queueOptions), traffic);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            // The value itself may hold a key: it is not repeated.
            throw new ValidationException(StorageNames.Connection, $"is not a storage connection string: {e.Message}");
        }
    }

    /// <summary>A queue by its name, one of <see cref="StorageNames.Queues"/> or a poison queue.</summary>
    public QueueClient Queue(string name) => _queues.GetQueueClient(name);

    /// <summary>A container by its name.</summary>
    public BlobContainerClient Container(string name) => _blobs.GetBlobContainerClient(name);

    /// <summary>Creates whatever is missing of containers, queues and poison queues.</summary>
    public async Task CreateAsync(CancellationToken cancellation = default)
    {
        var creations = StorageNames.Containers.Select(name => (Task)Container(name).CreateIfNotExistsAsync(cancellationToken: cancellation))
            .Concat(StorageNames.Queues.Concat(StorageNames.Queues.Select(StorageNames.Poison))
                .Select(name => (Task)Queue(name).CreateIfNotExistsAsync(cancellationToken: cancellation)));
        await Task.WhenAll(creations);
    }

    private static void Prepare(ClientOptions options, StorageTraffic traffic, StoragePatience patience)
    {
        options.Retry.Mode = RetryMode.Exponential;
        options.Retry.Delay = patience.FirstDelay;
        options.Retry.MaxDelay = patience.LongestDelay;
        options.Retry.MaxRetries = patience.Retries;
        options.Retry.NetworkTimeout = patience.RequestTimeout;
        options.Diagnostics.IsLoggingContentEnabled = false;
        options.AddPolicy(new OutagePolicy(), HttpPipelinePosition.PerCall);
        options.AddPolicy(new TrafficPolicy(traffic), HttpPipelinePosition.PerRetry);
    }
}
