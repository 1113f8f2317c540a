using System.Text.Json.Serialization;
using Serverless.Core.Jobs;

namespace Serverless.Core.Models;

/// <summary>What became of one form of a model.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<CandidateOutcome>))]
public enum CandidateOutcome
{
    /// <summary>It is the one that was published.</summary>
    Chosen,

    /// <summary>It keeps the budget, but another one answers sooner.</summary>
    Passed,

    /// <summary>It is slower than the model as it was, loses more than the budget, or cannot be made.</summary>
    Refused,
}
