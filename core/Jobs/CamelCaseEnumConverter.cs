using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>Writes an enumeration's values as camelCase strings and refuses numbers.</summary>
public sealed class CamelCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
