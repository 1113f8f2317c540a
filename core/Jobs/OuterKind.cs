using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>What the reducer does with the mean parameter delta of a round when localSteps is more than 1.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<OuterKind>))]
public enum OuterKind
{
    /// <summary>Takes it as it is: the new parameters are the mean of the shards' parameters.</summary>
    Average,

    /// <summary>Treats it as a gradient for SGD with momentum.</summary>
    Sgd,

    /// <summary>Treats it as a gradient for SGD with Nesterov momentum: the DiLoCo recipe.</summary>
    Nesterov,

    /// <summary>Treats it as a gradient for Adam.</summary>
    Adam,
}
