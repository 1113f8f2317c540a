using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>Number format of the trainers' forward and backward pass. Parameters, gradients and reduction are float32 in any case.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>IEEE single precision throughout.</summary>
    Float32,

    /// <summary>bfloat16 where torch's autocast deems it safe; meant for GPUs.</summary>
    BFloat16Autocast,
}
