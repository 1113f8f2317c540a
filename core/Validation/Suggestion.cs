namespace Serverless.Core.Validation;

/// <summary>Guesses what a misspelt word was meant to be.</summary>
public static class Suggestion
{
    // Words a user could mean are short; anything longer is not worth the quadratic comparison.
    private const int LongestWord = 64;

    /// <summary>The candidate nearest to <paramref name="word"/>, or null when none is near enough to be a plausible misspelling.</summary>
    /// <remarks>Nearness is the optimal string alignment distance (insertions, deletions, substitutions and swaps of neighbours), ignoring case; at most a third of the word may differ.</remarks>
    public static string? For(string word, IEnumerable<string> candidates)
    {
        if (word.Length is 0 or > LongestWord)
        {
            return null;
        }

        string? nearest = null;
        int nearestDistance = Math.Max(1, word.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            int distance = Distance(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance < nearestDistance)
            {
                (nearest, nearestDistance) = (candidate, distance);
            }
        }

        return nearest;
    }

    /// <summary>The end of an error message about an unknown word: <c>; did you mean "kernel"?</c>, or nothing.</summary>
    public static string Hint(string word, IEnumerable<string> candidates) =>
        For(word, candidates) is { } nearest ? $"; did you mean \"{nearest}\"?" : "";

    private static int Distance(string a, string b)
    {
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            distance[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            distance[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int substitution = distance[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(substitution, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                }

                distance[i, j] = best;
            }
        }

        return distance[a.Length, b.Length];
    }
}
