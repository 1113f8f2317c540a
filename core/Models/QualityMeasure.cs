using System.Text.Json.Serialization;
using Serverless.Core.Jobs;

namespace Serverless.Core.Models;

/// <summary>What the forms of a model are compared by, in points of 100.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<QualityMeasure>))]
public enum QualityMeasure
{
    /// <summary>Test rows that are classified right.</summary>
    Accuracy,

    /// <summary>The part of the labels' variance that a model of numbers explains: the coefficient of determination.</summary>
    Determination,

    /// <summary>Rows that are classified as the model as it was does it: where there are no labels.</summary>
    Agreement,

    /// <summary>The part of the variance of the original model's outputs that is explained: where there are no labels, and a row has but one output.</summary>
    Resemblance,
}
