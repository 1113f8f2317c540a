using System.Text.Json.Serialization;

namespace Serverless.Core.Datasets;

/// <summary>What the label of a row is and how it is stored behind the row's features.</summary>
public sealed record LabelSpec
{
    /// <summary>Most classes of a dataset.</summary>
    public const int MaxClasses = 1 << 16;

    /// <summary>Most numbers of a label of kind <see cref="LabelKind.Value"/>.</summary>
    public const int MaxWidth = 1 << 16;

    /// <summary>A class or numbers.</summary>
    public required LabelKind Kind { get; init; }

    /// <summary>Numbers of a label; 1 for classes.</summary>
    public int Width { get; init; } = 1;

    /// <summary>Names of the classes in the order of their indices; empty where labels are numbers.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Bytes of a row's label.</summary>
    [JsonIgnore]
    public int Bytes => sizeof(float) * Width;

    /// <summary>What a network for this label has to put out: a number a class, or <see cref="Width"/> numbers.</summary>
    [JsonIgnore]
    public int Outputs => Kind == LabelKind.Class ? Classes.Count : Width;
}
