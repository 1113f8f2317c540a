using Serverless.Testing;

namespace Serverless.Core.Tests.Storage;

/// <summary>Tests that share one Azurite; each uses jobs and blobs of its own.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteServer>
{
    public const string Name = "Azurite";
}
