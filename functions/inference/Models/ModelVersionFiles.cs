namespace Serverless.Inference.Models;

/// <summary>Names of a version's files.</summary>
internal static class ModelVersionFiles
{
    /// <summary>A model in ONNX's own format, which can have external data.</summary>
    public const string Onnx = "model.onnx";

    /// <summary>A model as ONNX Runtime writes it after it has optimised it, which loads faster.</summary>
    public const string Ort = "model.ort";

    /// <summary>The name of the model's file.</summary>
    /// <exception cref="ModelLoadException">There is none.</exception>
    public static string Find(IEnumerable<string> files)
    {
        var found = files.Where(file => file is Onnx or Ort).OrderDescending(StringComparer.Ordinal).FirstOrDefault();
        return found ?? throw new ModelLoadException($"The version has neither a {Onnx} nor a {Ort}.");
    }

    /// <summary>Whether a file that a request brings may be written under this name: a path that stays below the version's folder.</summary>
    public static bool IsSafe(string name) =>
        name.Length is > 0 and <= 200 && name.Split('/').All(step => step.Length > 0 && step.All(IsPlain) && step[0] != '.');

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
