using Serverless.Optimization.Data;
using System.Diagnostics;
using Serverless.Optimization.Sessions;

namespace Serverless.Optimization.Measuring;

/// <summary>
/// Measures the latency of several models side by side: in turns, so that whatever else the machine does hits all of them alike. Who falls behind is not asked again.
/// </summary>
internal static class LatencyRace
{
    private const int WarmUps = 2;
    private const int FewestTurns = 5;
    private const int MostTurns = 101;

    // The first run of a turn finds the processor's caches full of another model and does not count.
    private const int RunsOfTurn = 4;

    // As many times as slow as the first model: no hope.
    private const double Hopeless = 3;

    // A run that takes this many times as long as the best one was interrupted by something else that the machine does.
    private const double Interrupted = 2;

    // A model this slow does not live in the processor's caches from one run to the next.
    private static readonly TimeSpan LongRun = TimeSpan.FromMilliseconds(20);

    /// <summary>Measures.</summary>
    /// <param name="models">The models; the first is what the others are compared with.</param>
    /// <param name="rows">What to run them on.</param>
    /// <param name="limit">About how long to measure.</param>
    /// <param name="cancellation">Ends it after a run.</param>
    /// <returns>The median of each model's runs that were not interrupted.</returns>
    public static IReadOnlyList<TimeSpan> Run(IReadOnlyList<ModelSession> models, SampleRows rows, TimeSpan limit, CancellationToken cancellation)
    {
        var times = models.Select(_ => new List<TimeSpan>()).ToArray();
        var isOut = new bool[models.Count];
        for (var model = 0; model < models.Count; model++)
        {
            for (var run = 0; run < WarmUps; run++)
            {
                cancellation.ThrowIfCancellationRequested();
                times[model] = [TimeOf(models[model], rows)];
            }

            isOut[model] = times[model][0] > Hopeless * times[0][0] && times[model][0] > LongRun;
        }

        var begin = Stopwatch.GetTimestamp();
        for (var turn = 0; turn < MostTurns && (turn < FewestTurns || Stopwatch.GetElapsedTime(begin) < limit); turn++)
        {
            for (var model = 0; model < models.Count; model++)
            {
                if (!isOut[model])
                {
                    TakeTurn(models[model], rows, turn == 0 ? times[model] = [] : times[model], cancellation);

                    // By its best run: one that was interrupted says nothing.
                    isOut[model] = turn >= FewestTurns - 1 && times[model].Min() > Hopeless * Median(times[0]);
                }
            }
        }

        return [.. times.Select(Median)];
    }

    private static void TakeTurn(ModelSession model, SampleRows rows, List<TimeSpan> times, CancellationToken cancellation)
    {
        for (var run = 0; run < RunsOfTurn; run++)
        {
            cancellation.ThrowIfCancellationRequested();
            var time = TimeOf(model, rows);
            if (run > 0 || time > LongRun)
            {
                times.Add(time);
            }

            if (time > LongRun)
            {
                return;
            }
        }
    }

    private static TimeSpan TimeOf(ModelSession model, SampleRows rows)
    {
        var start = Stopwatch.GetTimestamp();
        model.RunOnly(rows);
        return Stopwatch.GetElapsedTime(start);
    }

    private static TimeSpan Median(List<TimeSpan> times)
    {
        var longest = Interrupted * times.Min();
        TimeSpan[] whole = [.. times.Where(time => time <= longest).Order()];
        return whole[whole.Length / 2];
    }
}
