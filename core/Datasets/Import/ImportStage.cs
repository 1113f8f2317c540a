namespace Serverless.Core.Datasets.Import;

/// <summary>What an import is doing.</summary>
public enum ImportStage
{
    /// <summary>Reading the files of a split.</summary>
    Reading,

    /// <summary>Putting rows in order and writing them to storage.</summary>
    Writing,
}
