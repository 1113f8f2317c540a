using System.Reflection;

namespace Serverless.Cli.Tests.Substitutes;

/// <summary>
/// FunctionsSurface.txt lists what the product may use of the Functions worker; every line was compared with the official packages' own sources
/// (Microsoft.Azure.Functions.Worker 2.52.0 and the extensions pinned in Directory.Packages.props).
/// </summary>
public sealed class FunctionsSurfaceTests
{
    public static TheoryData<string> Assemblies() => [.. Listed().Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Worker_AsReferenced_HasEveryListedMember(string assembly)
    {
        var surface = PublicSurface.Of(Assembly.Load(assembly));

        Assert.Empty(Listed()[assembly].Except(surface));
    }

    internal static Dictionary<string, List<string>> Listed()
    {
        using var stream = typeof(FunctionsSurfaceTests).Assembly.GetManifestResourceStream("FunctionsSurface.txt")!;
        using var reader = new StreamReader(stream);
        var listed = new Dictionary<string, List<string>>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                listed.Add(line[2..], []);
            }
            else
            {
                listed.Last().Value.Add(line);
            }
        }

        return listed;
    }
}
