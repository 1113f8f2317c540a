using System.Text.Json.Serialization;

namespace Serverless.Inference.Configuration;

/// <summary>What a group of instances runs on.</summary>
public enum InstanceKind
{
    /// <summary>The processor.</summary>
    [JsonStringEnumMemberName("KIND_CPU")]
    Cpu,

    /// <summary>Graphics processors; the processor where there is none, unless the server requires one.</summary>
    [JsonStringEnumMemberName("KIND_GPU")]
    Gpu,

    /// <summary>What the server's setting <c>Inference__Device</c> says.</summary>
    [JsonStringEnumMemberName("KIND_AUTO")]
    Auto,
}
