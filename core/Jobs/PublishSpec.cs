using System.Text.Json;
using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>What to publish a job's last checkpoint as.</summary>
/// <param name="Model">Name of the model; each publication becomes its next version.</param>
public sealed record PublishSpec(string Model)
{
    /// <summary>Points of accuracy, of 100, that the published model may lose for being faster than the trained one.</summary>
    public double MaxAccuracyLoss { get; init; } = 0.5;

    /// <summary>The forms that are tried, in order; null for those that can pay on a CPU, none to publish the model as it was trained.</summary>
    public IReadOnlyList<ModelForm>? Forms { get; init; }

    internal static PublishSpec Read(ObjectReader fields, string model) => new(model)
    {
        MaxAccuracyLoss = fields.Number("maxAccuracyLoss", Interval.Closed(0, 100), 0.5),
        Forms = fields.OptionalChoices<ModelForm>("forms"),
    };

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteString("model", Model);
        json.WriteNumber("maxAccuracyLoss", MaxAccuracyLoss);
        if (Forms is not null)
        {
            json.WriteStartArray("forms");
            foreach (var form in Forms)
            {
                json.WriteStringValue(EnumWords.For(form));
            }

            json.WriteEndArray();
        }
    }

    /// <inheritdoc/>
    public bool Equals(PublishSpec? other) =>
        other is not null && Model == other.Model && MaxAccuracyLoss.Equals(other.MaxAccuracyLoss)
        && (Forms is null ? other.Forms is null : other.Forms is not null && Forms.SequenceEqual(other.Forms));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Model, MaxAccuracyLoss);
}
