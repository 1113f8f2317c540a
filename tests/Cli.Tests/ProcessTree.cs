using System.Globalization;

namespace Serverless.Cli.Tests;

/// <summary>Looks at the processes of this machine.</summary>
internal static class ProcessTree
{
    /// <summary>The processes that a process has started, and they, and so on.</summary>
    public static IReadOnlyList<int> DescendantsOf(int process)
    {
        var parents = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _))
            .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .ToDictionary(id => id, ParentOf);
        var found = new List<int>();
        var open = new Queue<int>([process]);
        while (open.TryDequeue(out var parent))
        {
            foreach (var (child, _) in parents.Where(pair => pair.Value == parent))
            {
                found.Add(child);
                open.Enqueue(child);
            }
        }

        return found;
    }

    /// <summary>Whether a process is running; one that ended and was not waited for is not.</summary>
    public static bool IsRunning(int process) => StateOf(process) is not (null or 'Z' or 'X');

    private static int ParentOf(int process) => Fields(process) is { } fields ? int.Parse(fields[1], CultureInfo.InvariantCulture) : 0;

    private static char? StateOf(int process) => Fields(process)?[0][0];

    private static string[]? Fields(int process)
    {
        try
        {
            // The name in the second field may hold anything, so what follows its last parenthesis is split: state, parent, …
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
