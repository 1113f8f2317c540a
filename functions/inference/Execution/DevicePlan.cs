using System.Globalization;
using Serverless.Inference.Configuration;
using Serverless.Inference.Models;

namespace Serverless.Inference.Execution;

/// <summary>Where a model's instances go.</summary>
/// <param name="Groups">The instances by device.</param>
/// <param name="FallbackReason">Why instances that were wanted on a graphics processor are on the processor; null where none are.</param>
internal sealed record DevicePlan(IReadOnlyList<DeviceGroup> Groups, string? FallbackReason)
{
    /// <summary>Places instances.</summary>
    /// <param name="groups">The model's configuration; empty for one group of kind <see cref="InstanceKind.Auto"/>.</param>
    /// <param name="device">The server's setting: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="requiresGpu">Whether the processor must not stand in for a graphics processor.</param>
    /// <param name="cudaProblem">Why CUDA cannot be used; null where it can. Asked only where it matters.</param>
    /// <param name="cores">How many runs the processor has room for.</param>
    /// <exception cref="ModelLoadException">A graphics processor is required, and there is none.</exception>
    public static DevicePlan Decide(IReadOnlyList<InstanceGroup> groups, string device, bool requiresGpu, Func<string?> cudaProblem, int cores)
    {
        var placed = new List<DeviceGroup>();
        string? fallback = null;
        foreach (var group in groups.Count > 0 ? groups : [new InstanceGroup()])
        {
            if (!WantsGpu(group, device))
            {
                placed.Add(new DeviceGroup(null, group.Count ?? cores));
                continue;
            }

            var problem = device == "cpu" ? "the server's setting Inference__Device is cpu" : cudaProblem();
            if (problem is null)
            {
                var gpus = group.Gpus.Count > 0 ? group.Gpus : [DefaultGpu(device)];
                placed.AddRange(gpus.Select(gpu => new DeviceGroup(gpu, group.Count ?? 1)));
                continue;
            }

            if (requiresGpu)
            {
                throw new ModelLoadException($"A graphics processor is required (Inference__RequireGpu), but {problem}.");
            }

            // Where the server takes what it finds, finding none is nothing to be told about.
            fallback = group.Kind == InstanceKind.Auto && device == "auto" ? fallback : problem;
            placed.Add(new DeviceGroup(null, group.Kind == InstanceKind.Auto && group.Count is { } count ? count : cores));
        }

        return new DevicePlan([.. placed.GroupBy(group => group.Gpu).Select(same => new DeviceGroup(same.Key, same.Sum(group => group.Count)))], fallback);
    }

    private static bool WantsGpu(InstanceGroup group, string device) => group.Kind switch
    {
        InstanceKind.Cpu => false,
        InstanceKind.Gpu => true,
        _ => device != "cpu",
    };

    private static int DefaultGpu(string device) =>
        device.IndexOf(':', StringComparison.Ordinal) is var colon and > 0 ? int.Parse(device.AsSpan(colon + 1), CultureInfo.InvariantCulture) : 0;
}
