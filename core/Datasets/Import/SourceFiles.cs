using Serverless.Core.Validation;

namespace Serverless.Core.Datasets.Import;

/// <summary>The files of a split.</summary>
/// <param name="Features">The features; for CSV the labels too.</param>
/// <param name="Labels">The labels, for formats that keep them in a file of their own.</param>
public sealed record SourceFiles(string Features, string? Labels = null)
{
    /// <summary>Reads <c>FEATURES</c> or <c>FEATURES,LABELS</c>.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="field">The option it came from, for the message.</param>
    /// <exception cref="ValidationException">It is neither.</exception>
    public static SourceFiles Parse(string text, string field)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        return parts.Length <= 2 && parts.All(part => part.Length > 0)
            ? new SourceFiles(parts[0], parts.ElementAtOrDefault(1))
            : throw new ValidationException(field, $"is '{ObjectReader.Quote(text)}'; legal is one file, or a file of features and one of labels "
                + $"with a comma between them");
    }
}
