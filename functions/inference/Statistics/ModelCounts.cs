namespace Serverless.Inference.Statistics;

/// <summary>What a model version has done, added up.</summary>
public sealed record ModelCounts
{
    /// <summary>Requests that were answered, from their arrival at the scheduler to their outputs.</summary>
    public required DurationCount Success { get; init; }

    /// <summary>Requests that were not.</summary>
    public required DurationCount Fail { get; init; }

    /// <summary>Those of them that were turned away because too many waited or they waited too long.</summary>
    public required long Rejected { get; init; }

    /// <summary>Those of them whose client went away.</summary>
    public required long Cancelled { get; init; }

    /// <summary>Those of them whose inputs the model refused.</summary>
    public required long Backend { get; init; }

    /// <summary>Waiting.</summary>
    public required DurationCount Queue { get; init; }

    /// <summary>Putting inputs together.</summary>
    public required DurationCount ComputeInput { get; init; }

    /// <summary>Running.</summary>
    public required DurationCount ComputeInfer { get; init; }

    /// <summary>Handing out outputs.</summary>
    public required DurationCount ComputeOutput { get; init; }

    /// <summary>Rows in answered requests.</summary>
    public required long Inferences { get; init; }

    /// <summary>Runs of the model.</summary>
    public required long Executions { get; init; }

    /// <summary>Requests that wait at this moment.</summary>
    public required int Pending { get; init; }

    /// <summary>When it last ran; null where it has not.</summary>
    public required DateTimeOffset? LastInference { get; init; }

    /// <summary>Answered requests by how long they took; bucket i up to 2^i µs.</summary>
    public required IReadOnlyList<long> RequestHistogram { get; init; }

    /// <summary>Answered requests by how long they waited; bucket i up to 2^i µs.</summary>
    public required IReadOnlyList<long> QueueHistogram { get; init; }

    /// <summary>Runs by their rows; bucket i up to 2^i.</summary>
    public required IReadOnlyList<long> BatchHistogram { get; init; }

    /// <summary>Runs by their exact rows, in ascending order.</summary>
    public required IReadOnlyList<BatchStatistics> Batches { get; init; }
}
