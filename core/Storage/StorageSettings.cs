using Azure.Core;
using Azure.Identity;
using Serverless.Core.Validation;

namespace Serverless.Core.Storage;

/// <summary>Where storage is and how to sign in, as Azure Functions spell it: a connection string, or service addresses and an identity.</summary>
public sealed record StorageSettings
{
    /// <summary>A connection string; when it is there, nothing else is looked at.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>Address of the blob service, used with an identity.</summary>
    public Uri? BlobServiceUri { get; init; }

    /// <summary>Address of the queue service, used with an identity.</summary>
    public Uri? QueueServiceUri { get; init; }

    /// <summary>Client id of a user-assigned identity.</summary>
    public string? ClientId { get; init; }

    /// <summary>Whether only a managed identity may sign in; otherwise whatever a developer has at hand may.</summary>
    public bool ManagedIdentity { get; init; }

    /// <summary>Reads <c>AzureWebJobsStorage</c> or <c>AzureWebJobsStorage__*</c> from the environment.</summary>
    /// <exception cref="ValidationException">Nothing there, or an address that is none.</exception>
    public static StorageSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Reads the settings by name.</summary>
    /// <param name="setting">Gives a setting's value, or null.</param>
    /// <exception cref="ValidationException">Nothing there, or an address that is none.</exception>
    public static StorageSettings From(Func<string, string?> setting)
    {
        ArgumentNullException.ThrowIfNull(setting);
        if (setting(StorageNames.Connection) is { Length: > 0 } connection)
        {
            return new StorageSettings { ConnectionString = connection };
        }

        var account = setting($"{StorageNames.Connection}__accountName");
        return new StorageSettings
        {
            BlobServiceUri = Address(setting, "blob", account),
            QueueServiceUri = Address(setting, "queue", account),
            ClientId = setting($"{StorageNames.Connection}__clientId"),
            ManagedIdentity = string.Equals(setting($"{StorageNames.Connection}__credential"), "managedidentity", StringComparison.OrdinalIgnoreCase),
        };
    }

    internal TokenCredential Credential() =>
        ManagedIdentity
            ? new ManagedIdentityCredential(ClientId is { Length: > 0 } id ? ManagedIdentityId.FromUserAssignedClientId(id) : ManagedIdentityId.SystemAssigned)
            : new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = ClientId });

    private static Uri Address(Func<string, string?> setting, string service, string? account)
    {
        var name = $"{StorageNames.Connection}__{service}ServiceUri";
        var value = setting(name) ?? (account is { Length: > 0 } ? $"https://{account}.{service}.core.windows.net" : null);
        if (value is null)
        {
            throw new ValidationException(
                StorageNames.Connection,
                $"is missing; a connection string is needed (UseDevelopmentStorage=true for Azurite on this machine), or {name} with an identity");
        }

        return Uri.TryCreate(value, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address
            : throw new ValidationException(name, $"is \"{ObjectReader.Quote(value)}\"; an absolute http or https address is needed");
    }
}
