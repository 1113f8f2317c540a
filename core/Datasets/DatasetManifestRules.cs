using System.Text.RegularExpressions;
using Serverless.Core.Storage;

namespace Serverless.Core.Datasets;

/// <summary>The rules a manifest must keep. Blob names among them: a manifest cannot make a reader open anything but parts.</summary>
internal static partial class DatasetManifestRules
{
    /// <summary>Largest part a reader is willing to hold.</summary>
    public const int MaxPartBytes = 256 * 1024 * 1024;

    public static void Check(DatasetManifest manifest)
    {
        Require(manifest.Format == DatasetManifest.CurrentFormat, "format", manifest.Format, $"{DatasetManifest.CurrentFormat}");
        Require(EntityName.IsValid(manifest.Name), "name", manifest.Name, EntityName.Rule);
        Require(manifest.Split is DatasetSplits.Train or DatasetSplits.Test, "split", manifest.Split, $"'{DatasetSplits.Train}' or '{DatasetSplits.Test}'");
        CheckFeatures(manifest.Features);
        CheckLabel(manifest.Label);
        CheckScaling(manifest.Scaling, manifest.Features.Count);
        var rowBytes = manifest.Features.Bytes + manifest.Label.Bytes;
        Require(manifest.RowBytes == rowBytes, "rowBytes", manifest.RowBytes, $"{rowBytes}, the bytes of features and label");
        CheckParts(manifest);
        var hasBaselineName = manifest.Baseline is null || BaselineName().IsMatch(manifest.Baseline);
        Require(hasBaselineName, "baseline", manifest.Baseline, "'baseline-', 16 hexadecimal digits and '.json'");
        if (manifest.Test is { } test)
        {
            Require(manifest.Split == DatasetSplits.Train, "test", "given", "absent in a test split");
            Require(test.Rows > 0, "test.rows", test.Rows, "1 or more");
            Require(Sha256().IsMatch(test.ManifestSha256), "test.manifestSha256", test.ManifestSha256, "64 lower-case hexadecimal digits");
        }
    }

    private static void CheckFeatures(FeatureSpec features)
    {
        Require(Enum.IsDefined(features.Type), "features.type", features.Type, "uint8 or float32");
        Require(features.Shape.Count is >= 1 and <= 8, "features.shape", $"{features.Shape.Count} dimensions", "1 to 8 dimensions");
        long count = 1;
        foreach (var dimension in features.Shape)
        {
            count = dimension >= 1 ? count * dimension : long.MaxValue;
            var text = $"[{string.Join(", ", features.Shape)}]";
            Require(count <= FeatureSpec.MaxCount, "features.shape", text, $"dimensions from 1 up with a product of at most {FeatureSpec.MaxCount}");
        }

        Require(features.Names is null || features.Names.Count == count, "features.names", $"{features.Names?.Count} names", $"{count}, one a feature");
        Require(features.Names is null || features.Names.All(name => name is not null), "features.names", "null", "texts");
    }

    private static void CheckLabel(LabelSpec label)
    {
        Require(Enum.IsDefined(label.Kind), "label.kind", label.Kind, "class or value");
        var isClass = label.Kind == LabelKind.Class;
        var maxWidth = isClass ? 1 : LabelSpec.MaxWidth;
        Require(label.Width >= 1 && label.Width <= maxWidth, "label.width", label.Width, isClass ? "1" : $"1 to {maxWidth}");
        var classes = label.Classes.Count;
        var isCountLegal = isClass ? classes is >= 1 and <= LabelSpec.MaxClasses : classes == 0;
        Require(isCountLegal, "label.classes", $"{classes} classes", isClass ? $"1 to {LabelSpec.MaxClasses}" : "none");
        var areDifferent = label.Classes.All(name => name is not null) && label.Classes.Distinct(StringComparer.Ordinal).Count() == classes;
        Require(areDifferent, "label.classes", "a name missing or repeated", "different names");
    }

    private static void CheckScaling(ScalingSpec scaling, int features)
    {
        var numbers = scaling.Scale.Count;
        Require(numbers == 1 || numbers == features, "scaling.scale", $"{numbers} numbers", $"1 or {features}, one a feature");
        Require(scaling.Offset.Count == numbers, "scaling.offset", $"{scaling.Offset.Count} numbers", $"{numbers}, as many as scaling.scale");
        Require(scaling.Offset.All(float.IsFinite), "scaling.offset", "NaN or infinity", "finite numbers");
        Require(scaling.Scale.All(float.IsFinite), "scaling.scale", "NaN or infinity", "finite numbers");
    }

    private static void CheckParts(DatasetManifest manifest)
    {
        Require(manifest.Rows > 0, "rows", manifest.Rows, "1 or more");
        Require(manifest.PartRows > 0, "partRows", manifest.PartRows, "1 or more");
        var parts = (manifest.Rows + manifest.PartRows - 1) / manifest.PartRows;
        Require(manifest.Parts.Count == parts, "parts", $"{manifest.Parts.Count} parts", $"{parts}, for {manifest.Rows} rows at {manifest.PartRows} a part");
        for (var i = 0; i < manifest.Parts.Count; i++)
        {
            var part = manifest.Parts[i];
            Require(part is not null, $"parts[{i}]", "null", "a part");
            var rows = Math.Min(manifest.PartRows, manifest.Rows - manifest.FirstRow(i));
            Require(part!.Rows == rows, $"parts[{i}].rows", part.Rows, $"{rows}");
            var bytes = rows * manifest.RowBytes;
            Require(bytes <= MaxPartBytes, $"parts[{i}].bytes", bytes, $"at most {MaxPartBytes}");
            Require(part.Bytes == bytes, $"parts[{i}].bytes", part.Bytes, $"{bytes}");
            Require(Sha256().IsMatch(part.Sha256), $"parts[{i}].sha256", part.Sha256, "64 lower-case hexadecimal digits");
            var name = PartName(i, part.Sha256);
            Require(part.Name == name, $"parts[{i}].name", part.Name, $"'{name}'");
        }
    }

    /// <summary>The name of a part with this number and hash.</summary>
    public static string PartName(int part, string sha256) => $"part-{part:00000}-{sha256.AsSpan(0, 16)}";

    private static void Require(bool holds, string field, object? value, string legal)
    {
        if (!holds)
        {
            throw new InvalidDataException($"The dataset manifest's {field} is {value ?? "null"}; it must be {legal}.");
        }
    }

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex(@"\Abaseline-[0-9a-f]{16}\.json\z")]
    private static partial Regex BaselineName();
}
