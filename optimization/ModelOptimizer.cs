using Serverless.Optimization.Data;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Optimization.Measuring;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization;

/// <summary>
/// Makes the forms of a model that may answer sooner, measures each one's latency and accuracy on this machine, and chooses the fastest that keeps the budget. What is measured
/// differs from run to run, and with it what is chosen among equals: whoever publishes has to keep the first choice.
/// </summary>
public static class ModelOptimizer
{
    /// <summary>Rows of the second latency that is measured, beside that of one row.</summary>
    public const int Batch = 32;

    // Differences that are noise: nothing is said to be faster or slower for less.
    private const double Noise = 1.05;

    // A form may be a little slower for one number of rows if it makes up for it with the other.
    private const double WorstSpeedup = 0.9;

    /// <summary>Chooses a form of a model.</summary>
    /// <param name="onnx">The model: one input of rows, and an output of numbers for each row, which comes first among its outputs.</param>
    /// <param name="data">The rows it is made for.</param>
    /// <param name="options">What to try.</param>
    /// <param name="cancellation">Ends it between two runs of a model.</param>
    /// <exception cref="ValidationException">ONNX Runtime refuses the model, or rows or labels are not for it.</exception>
    public static OptimizedModel Optimize(byte[] onnx, OptimizationData data, OptimizationOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(onnx);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        using var original = new CandidateModel(OptimizationReport.Original) { Onnx = onnx };
        Load(original, options.Device);
        var calibration = data.Calibration.Slice(0, Math.Min(data.Calibration.Count, options.CalibrationRows));
        var candidates = options.Forms.Distinct().Select(form => new CandidateModel(EnumWords.For(form)) { Kind = form }).ToList();
        try
        {
            var forms = new ModelForms(onnx, calibration, cancellation, options.Device);
            foreach (var candidate in candidates)
            {
                cancellation.ThrowIfCancellationRequested();
                Make(candidate, forms, data.Test, options.Device);
            }

            CandidateModel[] all = [original, .. candidates];
            Race(all, data.Test, options, cancellation);
            var quality = Judge(original, candidates, data, options, cancellation);
            return Choose(original, candidates, quality, calibration.Count, options);
        }
        finally
        {
            candidates.ForEach(candidate => candidate.Dispose());
        }
    }

    private static void Make(CandidateModel candidate, ModelForms forms, SampleRows rows, SessionDevice device)
    {
        try
        {
            (candidate.Onnx, candidate.Layers) = forms.Make(candidate.Kind!.Value);
            Load(candidate, device);
            candidate.Session!.RunOnly(rows.Repeat(candidate.Session.BatchFor(1)));
        }
        catch (Exception e) when (e is ValidationException or InvalidDataException or OnnxRuntimeException)
        {
            candidate.Refuse($"cannot be made: {e.Message}");
        }
    }

    private static void Load(CandidateModel candidate, SessionDevice device)
    {
        var start = Stopwatch.GetTimestamp();
        candidate.Session = new ModelSession(candidate.Onnx, device: device);
        candidate.Load = Stopwatch.GetElapsedTime(start);
    }

    private static void Race(CandidateModel[] all, SampleRows rows, OptimizationOptions options, CancellationToken cancellation)
    {
        var original = all[0].Session!;
        Race(all, rows.Repeat(original.BatchFor(1)), options.LatencyTime, (model, time) => model.Single = time, model => model.Single, cancellation);
        Race(all, rows.Repeat(original.BatchFor(Batch)), options.LatencyTime, (model, time) => model.Batch = time, model => model.Batch, cancellation);
    }

    private static void Race(
        CandidateModel[] all,
        SampleRows rows,
        TimeSpan limit,
        Action<CandidateModel, TimeSpan> set,
        Func<CandidateModel, TimeSpan?> get,
        CancellationToken cancellation)
    {
        CandidateModel[] running = [.. all.Where(model => model.IsIn)];
        var times = LatencyRace.Run([.. running.Select(model => model.Session!)], rows, limit, cancellation);
        for (var i = 0; i < running.Length; i++)
        {
            set(running[i], times[i]);
            var speedup = get(running[0])!.Value / times[i];
            if (speedup < WorstSpeedup)
            {
                running[i].Refuse(string.Create(CultureInfo.InvariantCulture, $"slower: {speedup:0.00} times the speed of the original with {Rows(rows.Count)}"));
            }
        }
    }

    private static Quality? Judge(
        CandidateModel original, List<CandidateModel> candidates, OptimizationData data, OptimizationOptions options, CancellationToken cancellation)
    {
        if (candidates.Count == 0)
        {
            return null;
        }

        // No form that is left is much slower than the original: none takes much longer.
        var rowTime = original.Batch!.Value / original.Session!.BatchFor(Batch);
        var affordable = options.AccuracyTime / rowTime * Environment.ProcessorCount;
        var rows = (int)Math.Clamp(affordable, Math.Min(Batch, data.Test.Count), Math.Min(options.TestRows, data.Test.Count));
        var quality = Quality.Of(original.Session, data.Test.Slice(0, rows), data.Labels);
        original.Score = quality.Original;
        foreach (var candidate in candidates.Where(candidate => candidate.IsIn))
        {
            cancellation.ThrowIfCancellationRequested();
            candidate.Score = quality.Score(candidate.Session!);
            var loss = quality.Original - candidate.Score.Value;
            if (!(loss <= options.MaxAccuracyLoss))
            {
                candidate.Refuse(string.Create(CultureInfo.InvariantCulture, $"loses {loss:0.00} points of {EnumWords.For(quality.Measure)}; at most {options.MaxAccuracyLoss} may be lost"));
            }
        }

        return quality;
    }

    private static OptimizedModel Choose(
        CandidateModel original, List<CandidateModel> candidates, Quality? quality, int calibrationRows, OptimizationOptions options)
    {
        var passed = candidates.Where(candidate => candidate.IsIn).OrderByDescending(candidate => candidate.SpeedupOver(original)).ToList();
        var fastest = passed.Count > 0 ? passed[0].SpeedupOver(original) : 1;

        // Among equally fast ones the best.
        var chosen = fastest >= Noise
            ? passed.Where(candidate => candidate.SpeedupOver(original) * Noise >= fastest).MaxBy(candidate => candidate.Score)!
            : original;
        var report = new OptimizationReport
        {
            MaxAccuracyLoss = options.MaxAccuracyLoss,
            Measure = quality?.Measure ?? QualityMeasure.Accuracy,
            Rows = quality?.Rows ?? 0,
            CalibrationRows = calibrationRows,
            Machine = options.Device == SessionDevice.Cuda ? $"{Machine.Description}, CUDA" : Machine.Description,
            Runtime = $"ONNX Runtime {Sessions.Runtime.Version}",
            Chosen = chosen.Form,
            Candidates = [.. candidates.Prepend(original).Select(candidate => Report(candidate, original, chosen))],
        };
        return new OptimizedModel(chosen.Onnx, report);
    }

    private static CandidateReport Report(CandidateModel candidate, CandidateModel original, CandidateModel chosen)
    {
        double? speedup = candidate is { Single: not null, Batch: not null } ? candidate.SpeedupOver(original) : null;
        var outcome = candidate == chosen ? CandidateOutcome.Chosen : candidate.IsIn ? CandidateOutcome.Passed : CandidateOutcome.Refused;
        return new CandidateReport
        {
            Form = candidate.Form,
            Outcome = outcome,
            Reason = candidate.Refusal ?? Reason(candidate, original, chosen),
            Bytes = candidate.Onnx.Length > 0 ? candidate.Onnx.Length : null,
            Layers = candidate.Layers,
            LoadMilliseconds = candidate.Session is null ? null : Round(candidate.Load.TotalMilliseconds),
            LatencyBatch1Milliseconds = Round(candidate.Single?.TotalMilliseconds),
            LatencyBatch32Milliseconds = Round(candidate.Batch?.TotalMilliseconds),
            Speedup = Round(speedup),
            Score = Round(candidate.Score),
            Loss = candidate == original ? null : Round(original.Score - candidate.Score),
        };
    }

    private static string Reason(CandidateModel candidate, CandidateModel original, CandidateModel chosen) =>
        candidate == chosen ? (candidate == original ? "nothing that keeps the budget is faster" : "the fastest that keeps the budget")
        : candidate == original ? "what the others are compared with"
        : chosen == original ? "keeps the budget, but is no faster"
        : candidate.SpeedupOver(original) > chosen.SpeedupOver(original) ? $"keeps the budget, and {chosen.Form} is as fast and loses less"
        : $"keeps the budget, but {chosen.Form} is faster";

    private static double? Round(double? number) => number is { } value ? Math.Round(value, 4) : null;

    private static string Rows(int count) => count == 1 ? "1 row" : string.Create(CultureInfo.InvariantCulture, $"{count} rows");
}
