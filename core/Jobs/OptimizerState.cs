using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>What becomes of a shard's own optimizer state between rounds when localSteps is more than 1.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<OptimizerState>))]
public enum OptimizerState
{
    /// <summary>It goes on from round to round and is stored beside the contribution.</summary>
    Keep,

    /// <summary>Each round begins with none.</summary>
    Reset,
}
