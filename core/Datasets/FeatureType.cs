using System.Text.Json.Serialization;

namespace Serverless.Core.Datasets;

/// <summary>How the features of a row are stored.</summary>
public enum FeatureType
{
    /// <summary>One byte a feature, 0 to 255: pixels.</summary>
    [JsonStringEnumMemberName("uint8")]
    UInt8,

    /// <summary>Four bytes a feature: little-endian single-precision numbers.</summary>
    [JsonStringEnumMemberName("float32")]
    Float32,
}
