using System.Globalization;
using Serverless.Core.Storage;

namespace Serverless.Core.Models;

/// <summary>Paths of a model version's blobs inside the container <see cref="StorageNames.ModelsContainer"/>.</summary>
public static class ModelBlobs
{
    /// <summary>Highest version number.</summary>
    public const int MaximumVersion = 999_999;

    private const string ConfigFile = "config.json";
    private const string ClaimFile = "claim";

    /// <summary>Prefix of all versions of a model.</summary>
    public static string Versions(string model) => $"{model}/";

    /// <summary>Empty blob that reserves a version number for the job in its metadata; write once.</summary>
    public static string Claim(string model, int version) => File(model, version, ClaimFile);

    /// <summary>The network with its parameters; write once.</summary>
    public static string Onnx(string model, int version) => File(model, version, "model.onnx");

    /// <summary>What the model takes and gives; write once and written last, so a version without it is not there yet.</summary>
    public static string Config(string model, int version) => File(model, version, ConfigFile);

    /// <summary>How good and how fast the model is, and where it comes from; write once.</summary>
    public static string Metrics(string model, int version) => File(model, version, "metrics.json");

    /// <summary>Statistics of the data it was trained on; write once.</summary>
    public static string Baseline(string model, int version) => File(model, version, "baseline.json");

    /// <summary>Which forms of the model were tried, and what was measured; write once.</summary>
    public static string Report(string model, int version) => File(model, version, "report.json");

    /// <summary>The same as a table for people; write once.</summary>
    public static string ReportTable(string model, int version) => File(model, version, "report.md");

    /// <summary>Takes a path of a configuration apart; false for any other path.</summary>
    public static bool TryParseConfig(string path, out string model, out int version) => TryParse(path, ConfigFile, out model, out version);

    /// <summary>Takes a path of a claim apart; false for any other path.</summary>
    public static bool TryParseClaim(string path, out string model, out int version) => TryParse(path, ClaimFile, out model, out version);

    private static bool TryParse(string path, string file, out string model, out int version)
    {
        var parts = path.Split('/');
        model = parts[0];
        version = 0;
        return parts.Length == 3 && parts[2] == file && EntityName.IsValid(model)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out version)
            && version is > 0 and <= MaximumVersion && parts[1] == version.ToString(CultureInfo.InvariantCulture);
    }

    private static string File(string model, int version, string file) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}/{file}");
}
