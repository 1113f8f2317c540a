namespace Serverless.Core.Datasets;

/// <summary>Names of the two splits a dataset may have.</summary>
public static class DatasetSplits
{
    /// <summary>What a network learns from; every dataset has it.</summary>
    public const string Train = "train";

    /// <summary>What a network is judged by.</summary>
    public const string Test = "test";
}
