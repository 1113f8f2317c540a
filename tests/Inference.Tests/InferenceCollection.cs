namespace Serverless.Inference.Tests;

/// <summary>Tests that share one running app; each uses models of its own.</summary>
[CollectionDefinition(Name)]
public sealed class InferenceCollection : ICollectionFixture<InferenceApp>
{
    public const string Name = "inference app";
}
