using System.Globalization;
using System.Text;

namespace Serverless.EndToEnd.Processes;

/// <summary>A mark in the environment of every process that tests start, and so of everything those start: what still carries it after a test has survived it.</summary>
internal static class ProcessMark
{
    private const string Variable = "SERVERLESS_END_TO_END";

    private static readonly string Value = Guid.NewGuid().ToString("N");

    /// <summary>Marks everything that is started from now on.</summary>
    public static void Set() => Environment.SetEnvironmentVariable(Variable, Value);

    /// <summary>The command lines of all processes that carry the mark, with their ids.</summary>
    public static IReadOnlyDictionary<int, string> Survivors()
    {
        var mark = Encoding.UTF8.GetBytes($"{Variable}={Value}");
        var found = new Dictionary<int, string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(mark) >= 0)
                {
                    found.Add(id, File.ReadAllText(Path.Combine(folder, "cmdline")).Replace('\0', ' '));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at, or belongs to somebody else.
            }
        }

        return found;
    }

    /// <summary>Waits until none is left.</summary>
    /// <param name="patience">How long processes may take to notice that they are alone.</param>
    /// <returns>Those that are left nevertheless.</returns>
    public static async Task<IReadOnlyDictionary<int, string>> WaitUntilNoneAsync(TimeSpan patience)
    {
        var end = DateTime.UtcNow + patience;
        while (true)
        {
            var left = Survivors();
            if (left.Count == 0 || DateTime.UtcNow > end)
            {
                return left;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
