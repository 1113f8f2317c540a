using Serverless.Core.Models;

namespace Serverless.Optimization.Tests;

public sealed class ReportTableTests
{
    [Fact]
    public void Write_Report_IsATableThatReadsAsItIs()
    {
        var report = new OptimizationReport
        {
            MaxAccuracyLoss = 0.5,
            Measure = QualityMeasure.Accuracy,
            Rows = 10_000,
            CalibrationRows = 512,
            Machine = "X64, 2 cores, AVX-512 VNNI",
            Runtime = "ONNX Runtime 1.29.0",
            Chosen = "int8MinMax",
            Candidates =
            [
                new() { Form = "original", Outcome = CandidateOutcome.Passed, Reason = "what the others are compared with", Bytes = 2048, LatencyBatch1Milliseconds = 1, LatencyBatch32Milliseconds = 4, Speedup = 1, Score = 90 },
                new() { Form = "int8MinMax", Outcome = CandidateOutcome.Chosen, Reason = "the fastest that keeps the budget", Bytes = 1024, LatencyBatch1Milliseconds = 0.25, LatencyBatch32Milliseconds = 1, Speedup = 4, Score = 89.75, Loss = 0.25 },
                new() { Form = "float16", Outcome = CandidateOutcome.Refused, Reason = "cannot be made: a|b\nc" },
            ],
        };

        Assert.Equal(
            """
            | form       | outcome | KiB | 1 row, ms | 32 rows, ms | speed | points | lost | why                               |
            | ---------- | ------- | --: | --------: | ----------: | ----: | -----: | ---: | --------------------------------- |
            | original   | passed  |   2 |     1.000 |       4.000 | 1.00× |  90.00 |      | what the others are compared with |
            | int8MinMax | chosen  |   1 |     0.250 |       1.000 | 4.00× |  89.75 | 0.25 | the fastest that keeps the budget |
            | float16    | refused |     |           |             |       |        |      | cannot be made: a\|b c            |

            Points: accuracy on 10000 rows, of 100; at most 0.5 may be lost. Calibrated on 512 rows. Medians on X64, 2 cores, AVX-512 VNNI, one thread a run, ONNX Runtime 1.29.0.

            """,
            ReportTable.Write(report));
    }

    [Fact]
    public void ToJson_AnyReport_IsReadBack()
    {
        var report = new OptimizationReport
        {
            MaxAccuracyLoss = 1,
            Measure = QualityMeasure.Determination,
            Rows = 1,
            CalibrationRows = 2,
            Machine = "m",
            Runtime = "r",
            Chosen = "graph",
            Candidates = [new() { Form = "graph", Outcome = CandidateOutcome.Chosen, Reason = "why" }],
        };

        var read = OptimizationReport.Parse(report.ToJson());

        Assert.Equal(report with { Candidates = [] }, read with { Candidates = [] });
        Assert.Equal(report.Candidates, read.Candidates);
    }
}
