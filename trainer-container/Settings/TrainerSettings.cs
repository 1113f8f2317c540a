using System.Globalization;
using Serverless.Core.Datasets;
using Serverless.Core.Validation;
using Serverless.Trainer.Devices;

namespace Serverless.Trainer.Settings;

/// <summary>What the starter of a trainer may set, by environment variables.</summary>
internal sealed record TrainerSettings
{
    /// <summary>Variable of <see cref="TrainerId"/>.</summary>
    public const string TrainerIdVariable = "SERVERLESS_TRAINER_ID";

    /// <summary>Variable of <see cref="Threads"/>.</summary>
    public const string ThreadsVariable = "SERVERLESS_TRAINER_THREADS";

    /// <summary>Variable of <see cref="Idle"/>, in seconds.</summary>
    public const string IdleVariable = "SERVERLESS_TRAINER_IDLE_SECONDS";

    /// <summary>Variable of <see cref="Device"/>.</summary>
    public const string DeviceVariable = "SERVERLESS_TRAINER_DEVICE";

    /// <summary>Variable of <see cref="CacheBytes"/>, in MiB.</summary>
    public const string CacheVariable = "SERVERLESS_TRAINER_CACHE_MB";

    /// <summary>Variable of <see cref="StopWithInput"/>.</summary>
    public const string StopWithInputVariable = "SERVERLESS_TRAINER_STOP_WITH_INPUT";

    private const int LongestId = 63;
    private const int MostThreads = 256;
    private const int LongestIdleSeconds = 86_400;
    private const int SmallestCache = 1;
    private const int LargestCache = 1 << 20;
    private const long Mebibyte = 1 << 20;

    /// <summary>Names this trainer in owner blobs, metrics and logs; different for every living trainer.</summary>
    public required string TrainerId { get; init; }

    /// <summary>
    /// Threads of one training step on the processor. How a sum is split among threads changes its last bits, so that trainers of one job must agree:
    /// the default of 1 is also the fastest where each core has its own trainer.
    /// </summary>
    public int Threads { get; init; } = 1;

    /// <summary>How long a trainer that finds nothing to do stays.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Bytes of each split's parts that stay in memory. A trainer reads a part when it comes to it, however large the set is; shards whose parts all fit are read once.
    /// </summary>
    public long CacheBytes { get; init; } = DatasetStore.DefaultCacheBytes;

    /// <summary>Where it computes.</summary>
    public DeviceChoice Device { get; init; } = DeviceChoice.Auto;

    /// <summary>
    /// Whether the end of standard input means the same as SIGTERM. A starter that keeps the other end of that pipe takes the trainer with it however it ends itself, killed or not.
    /// </summary>
    public bool StopWithInput { get; init; }

    /// <summary>Reads the environment.</summary>
    /// <exception cref="ValidationException">A variable has an illegal value; all of them are named.</exception>
    public static TrainerSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Reads settings by the names of their variables.</summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    /// <inheritdoc cref="FromEnvironment"/>
    public static TrainerSettings From(Func<string, string?> variable)
    {
        var errors = new List<FieldError>();
        var settings = new TrainerSettings { TrainerId = Id(variable(TrainerIdVariable), errors) };
        settings = settings with
        {
            Threads = Whole(variable(ThreadsVariable), ThreadsVariable, 1, MostThreads, settings.Threads, errors),
            StopWithInput = Flag(variable(StopWithInputVariable), StopWithInputVariable, errors),
            CacheBytes = Mebibyte * Whole(variable(CacheVariable), CacheVariable, SmallestCache, LargestCache, (int)(settings.CacheBytes / Mebibyte), errors),
            Idle = TimeSpan.FromSeconds(Whole(variable(IdleVariable), IdleVariable, 0, LongestIdleSeconds, (int)settings.Idle.TotalSeconds, errors)),
        };
        try
        {
            settings = variable(DeviceVariable) is { Length: > 0 } device ? settings with { Device = DeviceChoice.Parse(device, DeviceVariable) } : settings;
        }
        catch (ValidationException e)
        {
            errors.AddRange(e.Errors);
        }

        return errors.Count == 0 ? settings : throw new ValidationException(errors);
    }

    private static string Id(string? given, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(given))
        {
            // Two containers may share a host name, two processes an id: the random part tells them apart.
            var host = new string([.. Environment.MachineName.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(20)]);
            return $"{host}-{Environment.ProcessId}-{Random.Shared.Next(0x10000):x4}";
        }

        if (given.Length > LongestId || !given.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            errors.Add(new FieldError(TrainerIdVariable, $"is '{given}'; legal are 1–{LongestId} of letters, digits, '-', '_' and '.'"));
        }

        return given;
    }

    private static bool Flag(string? given, string field, List<FieldError> errors)
    {
        var isSet = false;
        if (!string.IsNullOrEmpty(given) && !bool.TryParse(given, out isSet))
        {
            errors.Add(new FieldError(field, $"is '{given}'; legal are true and false"));
        }

        return isSet;
    }

    private static int Whole(string? given, string field, int least, int most, int otherwise, List<FieldError> errors)
    {
        if (string.IsNullOrEmpty(given))
        {
            return otherwise;
        }

        if (int.TryParse(given, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most)
        {
            return value;
        }

        errors.Add(new FieldError(field, $"is '{given}'; legal are whole numbers from {least} to {most}"));
        return otherwise;
    }
}
