using System.Globalization;
using Serverless.Core.Storage;

namespace Serverless.Core.Models;

/// <summary>Paths of a model version's blobs inside the container <see cref="StorageNames.ModelsContainer"/>.</summary>
public static class ModelBlobs
{
    /// <summary>Highest version number.</summary>
    public const int MaximumVersion = 999_999;

    internal const string OnnxFile = "model.onnx";
    internal const string OrtFile = "model.ort";
    internal const string ConfigFile = "config.json";
    internal const string ClaimFile = "claim";

    private const string MetricsFile = "metrics.json";
    private const string BaselineFile = "baseline.json";
    private const string ReportFile = "report.json";
    private const string ReportTableFile = "report.md";

    /// <summary>Prefix of all versions of a model.</summary>
    public static string Versions(string model) => $"{model}/";

    /// <summary>Empty blob that reserves a version number for the job in its metadata; write once.</summary>
    public static string Claim(string model, int version) => File(model, version, ClaimFile);

    /// <summary>The network with its parameters; write once.</summary>
    public static string Onnx(string model, int version) => File(model, version, OnnxFile);

    /// <summary>What the model takes and gives; write once and written last, so a version without it is not there yet.</summary>
    public static string Config(string model, int version) => File(model, version, ConfigFile);

    /// <summary>How good and how fast the model is, and where it comes from; write once.</summary>
    public static string Metrics(string model, int version) => File(model, version, MetricsFile);

    /// <summary>Statistics of the data it was trained on; write once.</summary>
    public static string Baseline(string model, int version) => File(model, version, BaselineFile);

    /// <summary>Which forms of the model were tried, and what was measured; write once.</summary>
    public static string Report(string model, int version) => File(model, version, ReportFile);

    /// <summary>The same as a table for people; write once.</summary>
    public static string ReportTable(string model, int version) => File(model, version, ReportTableFile);

    /// <summary>How a model is to be served, all its versions; may be put there and changed at any time.</summary>
    public static string ServingConfig(string model) => $"{model}/{ConfigFile}";

    /// <summary>Any blob of a version.</summary>
    public static string VersionFile(string model, int version, string file) => File(model, version, file);

    /// <summary>Whether a blob of a version only tells about it and changes nothing about what is served.</summary>
    public static bool IsCommentary(string file) => file is ClaimFile or MetricsFile or BaselineFile or ReportFile or ReportTableFile;

    /// <summary>Takes the path of a model's serving configuration apart; false for any other path.</summary>
    public static bool TryParseServingConfig(string path, out string model)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        model = slash < 0 ? "" : path[..slash];
        return ModelName.IsValid(model) && path.AsSpan(slash + 1).SequenceEqual(ConfigFile);
    }

    /// <summary>Takes the path of a version's blob apart; false for any other path.</summary>
    public static bool TryParseVersionFile(string path, out string model, out int version, out string file)
    {
        var parts = path.Split('/', 3);
        model = parts[0];
        file = parts[^1];
        version = 0;
        return parts.Length == 3 && file.Length > 0 && ModelName.IsValid(model) && TryParseVersion(parts[1], out version);
    }

    /// <summary>Reads a version number as it stands in paths: decimal digits without leading zeros, 1 to <see cref="MaximumVersion"/>.</summary>
    public static bool TryParseVersion(string text, out int version) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version)
        && version is > 0 and <= MaximumVersion && text == version.ToString(CultureInfo.InvariantCulture);

    private static string File(string model, int version, string file) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}/{file}");
}
