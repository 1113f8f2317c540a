namespace Serverless.Core.Jobs;

/// <summary>Which weights of a tensor may become zero.</summary>
public enum PruningPattern
{
    /// <summary>Any: those nearest to zero.</summary>
    Unstructured,

    /// <summary>Two of each four neighbouring inputs of an output: the pattern that GPUs of NVIDIA's Ampere generation and later multiply twice as fast.</summary>
    TwoOfFour,
}
