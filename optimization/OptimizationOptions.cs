using Serverless.Core.Models;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization;

/// <summary>What to try, and what may be lost.</summary>
public sealed record OptimizationOptions
{
    /// <summary>The forms tried where nothing else is said: those that can make a CPU faster.</summary>
    public static IReadOnlyList<ModelForm> DefaultForms { get; } =
        [ModelForm.Int8Dynamic, ModelForm.Int8MinMax, ModelForm.Int8Percentile, ModelForm.Int8Blocks, ModelForm.Int4Blocks];

    /// <summary>The forms to try.</summary>
    public IReadOnlyList<ModelForm> Forms { get; init; } = DefaultForms;

    /// <summary>What the forms are made for and measured on.</summary>
    public SessionDevice Device { get; init; } = SessionDevice.Cpu;

    /// <summary>Points of accuracy, of 100, that may be lost.</summary>
    public double MaxAccuracyLoss { get; init; } = 0.5;

    /// <summary>Most rows to calibrate on.</summary>
    public int CalibrationRows { get; init; } = 512;

    /// <summary>Most rows to measure accuracy on.</summary>
    public int TestRows { get; init; } = 10_000;

    /// <summary>About how long to measure the latency of all forms together, for each number of rows.</summary>
    public TimeSpan LatencyTime { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>About how long to measure the accuracy of one form: where the model is slow, fewer rows are taken.</summary>
    public TimeSpan AccuracyTime { get; init; } = TimeSpan.FromSeconds(1);
}
