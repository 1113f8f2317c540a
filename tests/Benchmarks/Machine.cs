using System.Globalization;
using System.Runtime.InteropServices;

namespace Serverless.Benchmarks;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    /// <summary>One line: processor, cores, load, operating system, runtime.</summary>
    public static string Describe()
    {
        var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Processor()}, {Environment.ProcessorCount} cores, load {load} at the start; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
    }

    private static string Processor()
    {
        const string Info = "/proc/cpuinfo";
        var name = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return name?[(name.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
