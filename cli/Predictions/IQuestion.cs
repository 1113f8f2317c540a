using Serverless.Cli.Api;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>What a model is asked about, before it is known what the model takes.</summary>
internal interface IQuestion
{
    /// <summary>How many rows.</summary>
    int Count { get; }

    /// <summary>The rows as a model's input takes them.</summary>
    /// <exception cref="ValidationException">They do not fit the input.</exception>
    InputRows For(TensorDescription input);
}
