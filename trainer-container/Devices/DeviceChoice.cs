using System.Globalization;
using Serverless.Core.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace Serverless.Trainer.Devices;

/// <summary>Where a trainer computes: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:n</c>.</summary>
internal sealed record DeviceChoice
{
    private const string Rule = "is legal as auto, cpu, cuda or cuda:n with n from 0";

    private DeviceChoice(DeviceType? type, int index) => (Type, Index) = (type, index);

    /// <summary>The first GPU where there is one, else the processor.</summary>
    public static DeviceChoice Auto { get; } = new(null, 0);

    /// <summary>The processor.</summary>
    public static DeviceChoice Cpu { get; } = new(DeviceType.CPU, -1);

    /// <summary>The kind of device, or null to look for one.</summary>
    public DeviceType? Type { get; }

    /// <summary>Which GPU.</summary>
    public int Index { get; }

    /// <summary>Reads a choice.</summary>
    /// <param name="text">As above; letters in any case.</param>
    /// <param name="field">Where it came from, for the message.</param>
    /// <exception cref="ValidationException">It is none of the legal ones.</exception>
    public static DeviceChoice Parse(string text, string field) => text.Trim().ToLowerInvariant() switch
    {
        "auto" => Auto,
        "cpu" => Cpu,
        "cuda" => new(DeviceType.CUDA, 0),
        var other when other.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(other.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var index) => new(DeviceType.CUDA, index),
        _ => throw new ValidationException(field, $"is '{text}', which {Rule}"),
    };

    /// <summary>Finds the device.</summary>
    /// <param name="field">Where the choice came from, for the message.</param>
    /// <exception cref="ValidationException">A GPU was asked for that this machine does not have.</exception>
    public torch.Device Open(string field)
    {
        if (Type == DeviceType.CPU || (Type is null && !cuda.is_available()))
        {
            return CPU;
        }

        var count = cuda.is_available() ? cuda.device_count() : 0;
        return Index < count
            ? new torch.Device(DeviceType.CUDA, Index)
            : throw new ValidationException(field, count == 0
                ? $"is cuda:{Index}, but torch sees no GPU here"
                : $"is cuda:{Index}, legal are cuda:0 to cuda:{count - 1}");
    }
}
