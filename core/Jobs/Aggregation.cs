using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>Who reduces a round.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<Aggregation>))]
public enum Aggregation
{
    /// <summary>The trainer that finds all contributions of a round present.</summary>
    Trainers,

    /// <summary>The queue-triggered function ReduceRound.</summary>
    Function,
}
