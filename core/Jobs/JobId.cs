using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Serverless.Core.Jobs;

/// <summary>Ids of jobs, such as <c>20261120-183000-x7k2m9q4</c>: when it was submitted (UTC) and eight random characters.</summary>
public static class JobId
{
    /// <summary>The rule, to be quoted in messages.</summary>
    public const string Rule = "yyyyMMdd-HHmmss- and 8 of the characters a-z and 0-9";

    private const string Format = "yyyyMMdd-HHmmss";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const int SuffixLength = 8;
    private const int Length = 15 + 1 + SuffixLength;

    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    /// <summary>A new id.</summary>
    public static string New(DateTimeOffset submitted) =>
        $"{Stamp(submitted)}-{RandomNumberGenerator.GetString(Alphabet, SuffixLength)}";

    /// <summary>The id of the job that a queue message submits: the same each time the message is delivered.</summary>
    /// <param name="inserted">When the message was inserted, as its queue says.</param>
    /// <param name="messageId">The message's id.</param>
    public static string FromMessage(DateTimeOffset inserted, string messageId)
    {
        ArgumentNullException.ThrowIfNull(messageId);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(messageId));
        return $"{Stamp(inserted)}-{string.Create(SuffixLength, hash, (suffix, bytes) =>
        {
            for (var i = 0; i < suffix.Length; i++)
            {
                suffix[i] = Alphabet[bytes[i] % Alphabet.Length];
            }
        })}";
    }

    /// <summary>Whether <paramref name="job"/> is an id by <see cref="Rule"/>.</summary>
    public static bool IsValid(string? job) =>
        job is { Length: Length }
        && DateTime.TryParseExact(job.AsSpan(0, 15), Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && job[15] == '-' && job.AsSpan(16).IndexOfAnyExcept(Allowed) < 0;

    /// <summary>When the job of an id was submitted, to the second.</summary>
    /// <param name="job">An id by <see cref="Rule"/>.</param>
    public static DateTimeOffset SubmittedAt(string job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return IsValid(job)
            ? DateTimeOffset.ParseExact(job.AsSpan(0, Format.Length), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            : throw new ArgumentException($"'{job}' is not the id of a job: {Rule}.", nameof(job));
    }

    /// <summary>A key by which newer jobs sort before older ones, from which <see cref="FromNewestKey"/> gets the id back.</summary>
    internal static string NewestKey(string job) => Complement(job);

    /// <summary>The id of a key made by <see cref="NewestKey"/>.</summary>
    internal static string FromNewestKey(string key) => Complement(key);

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    // Nine minus each digit of the time reverses the order; done twice it is the time again.
    private static string Complement(string job) => string.Create(job.Length, job, (key, id) =>
    {
        id.CopyTo(key);
        for (var i = 0; i < Math.Min(15, key.Length); i++)
        {
            if (char.IsAsciiDigit(key[i]))
            {
                key[i] = (char)('0' + '9' - key[i]);
            }
        }
    });
}
