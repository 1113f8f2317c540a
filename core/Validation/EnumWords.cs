using System.Text.Json;

namespace Serverless.Core.Validation;

/// <summary>The camelCase words of an enumeration, as they stand in JSON.</summary>
public static class EnumWords
{
    /// <summary>The word for a value.</summary>
    public static string For<T>(T value)
        where T : struct, Enum => Of<T>.Words[Array.IndexOf(Of<T>.Values, value)];

    private static class Of<T>
        where T : struct, Enum
    {
        public static readonly T[] Values = Enum.GetValues<T>();
        public static readonly string[] Words = [.. Values.Select(value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()))];
    }
}
