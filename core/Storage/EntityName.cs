using Serverless.Core.Validation;

namespace Serverless.Core.Storage;

/// <summary>The one rule for names of jobs, datasets and models: what it lets through is safe in a blob path, a URL and a file name.</summary>
public static class EntityName
{
    /// <summary>Longest name.</summary>
    public const int MaximumLength = 63;

    /// <summary>The rule, to be quoted in messages.</summary>
    public const string Rule = "1 to 63 of the characters a-z, 0-9 and '-', starting and ending with a letter or digit";

    /// <summary>Whether <paramref name="name"/> follows <see cref="Rule"/>.</summary>
    public static bool IsValid(string? name)
    {
        if (name is null or { Length: 0 or > MaximumLength } || name[0] == '-' || name[^1] == '-')
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Throws unless <paramref name="name"/> follows <see cref="Rule"/>.</summary>
    /// <param name="name">The name to look at.</param>
    /// <param name="field">The field it came from.</param>
    /// <exception cref="ValidationException">It does not follow the rule.</exception>
    public static void Validate(string? name, string field)
    {
        if (!IsValid(name))
        {
            throw new ValidationException(field, Refusal(name));
        }
    }

    /// <summary>Adds an error unless <paramref name="name"/> follows <see cref="Rule"/>.</summary>
    public static void Validate(string? name, string field, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        if (!IsValid(name))
        {
            errors.Add(field, Refusal(name));
        }
    }

    private static string Refusal(string? name) => $"is {(name is null ? "missing" : $"\"{ObjectReader.Quote(name)}\"")}; legal {Rule}";
}
