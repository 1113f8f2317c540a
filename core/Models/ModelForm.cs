namespace Serverless.Core.Models;

/// <summary>What a model can be turned into so that it answers sooner. Which of them pays depends on the model and on the machine: they are measured.</summary>
public enum ModelForm
{
    /// <summary>The same numbers, with nodes joined and constants computed beforehand by ONNX Runtime: loads sooner.</summary>
    Graph,

    /// <summary>16-bit floating point numbers: for GPUs.</summary>
    Float16,

    /// <summary>8-bit whole numbers; the range of each layer's input is found as the model runs.</summary>
    Int8Dynamic,

    /// <summary>8-bit whole numbers, in the ranges met on training rows.</summary>
    Int8MinMax,

    /// <summary>8-bit whole numbers, in ranges that leave out one in ten thousand of the values met on training rows.</summary>
    Int8Percentile,

    /// <summary>8-bit whole numbers, in ranges that keep most of the information of the values met on training rows.</summary>
    Int8Entropy,

    /// <summary>Weights of matrix products as 8-bit whole numbers with a scale for each 128 of them.</summary>
    Int8Blocks,

    /// <summary>Weights of matrix products as 4-bit whole numbers with a scale for each 32 of them.</summary>
    Int4Blocks,
}
