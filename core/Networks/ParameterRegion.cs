namespace Serverless.Core.Networks;

/// <summary>Which of the two flat arrays a parameter lives in.</summary>
public enum ParameterRegion
{
    /// <summary>Learnt by gradients.</summary>
    Trainable,

    /// <summary>Kept by the layers themselves, such as the running statistics of a batch normalisation; averaged between shards, never touched by an optimizer.</summary>
    Buffer,
}
