namespace Serverless.Core.Models;

/// <summary>
/// Names under which models are served: wider than <see cref="Storage.EntityName"/>, which holds for what is published here, because models made elsewhere have names of
/// their own. What it lets through is safe in a blob path and a URL.
/// </summary>
public static class ModelName
{
    /// <summary>Longest name.</summary>
    public const int MaximumLength = 128;

    /// <summary>The rule, to be quoted in messages.</summary>
    public const string Rule = "1 to 128 of the characters A-Z, a-z, 0-9, '.', '_' and '-', starting with a letter or digit, and not 'stats'";

    // GET /v2/models/stats is the statistics of all models.
    private const string Reserved = "stats";

    /// <summary>Whether <paramref name="name"/> follows <see cref="Rule"/>.</summary>
    public static bool IsValid(string? name)
    {
        if (name is null or { Length: 0 or > MaximumLength } or Reserved || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}
