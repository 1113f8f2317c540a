using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.Core.Jobs;

/// <summary>JSON of what the parts of the system write for each other: camelCase, without nulls.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(JobPlan))]
[JsonSerializable(typeof(JobStatus))]
[JsonSerializable(typeof(JobMessage))]
[JsonSerializable(typeof(ShardMessage))]
[JsonSerializable(typeof(RoundMessage))]
[JsonSerializable(typeof(PublicationMessage))]
internal sealed partial class JobsJson : JsonSerializerContext
{
    /// <summary>Reads a value this system wrote.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"The {what} is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"This is not a {what}: {e.Message}", e);
        }
    }
}
