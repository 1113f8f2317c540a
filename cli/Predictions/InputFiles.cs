using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Reads what the user wants to ask about: one file of rows, or any number of images.</summary>
internal static class InputFiles
{
    /// <summary>Reads files by the endings of their names.</summary>
    /// <exception cref="ValidationException">A file is not what its name says, or files do not go together.</exception>
    public static IQuestion Read(IReadOnlyList<string> paths)
    {
        if (paths.All(ImageRows.IsImage))
        {
            return new ImageRows(paths);
        }

        return paths is [var only]
            ? RowFile.Read(only)
            : throw new ValidationException("input", $"of several files each has to be an image, a row each; '{paths.First(path => !ImageRows.IsImage(path))}' is none");
    }
}
