using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>The optimizer that turns gradients into steps; formulas are those of torch.optim.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<OptimizerKind>))]
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent, with momentum and Nesterov's variant when asked for.</summary>
    Sgd,

    /// <summary>Adam, with weight decay added to the gradient.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,
}
