namespace Serverless.ControlPlane.Tests;

/// <summary>Tests that share one running app and its storage, one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ControlPlaneCollection : ICollectionFixture<ControlPlaneApp>
{
    public const string Name = "control plane";
}
