namespace Serverless.Core.Datasets.Import;

/// <summary>File formats datasets are imported from. Any of them may be compressed with gzip.</summary>
public enum SourceFormat
{
    /// <summary>The big-endian tensor files of MNIST and its relatives: one of features, one of labels.</summary>
    Idx,

    /// <summary>A text file with a row a line, the label in one of its columns.</summary>
    Csv,

    /// <summary>NumPy's array files: one of features, one of labels.</summary>
    Npy,
}
