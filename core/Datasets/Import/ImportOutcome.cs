namespace Serverless.Core.Datasets.Import;

/// <summary>What an import did to the dataset of its name.</summary>
public enum ImportOutcome
{
    /// <summary>There was none; now there is.</summary>
    Created,

    /// <summary>There was one with other content; it was replaced, as asked.</summary>
    Replaced,

    /// <summary>There was one with the same content; nothing was changed.</summary>
    Unchanged,
}
