using Serverless.Testing;

namespace Serverless.Core.Tests.Storage;

/// <summary>Tests that share one Azurite; each uses jobs and blobs of its own. They run when all others have ended, as some measure the memory of the process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteServer>
{
    public const string Name = "Azurite";
}
