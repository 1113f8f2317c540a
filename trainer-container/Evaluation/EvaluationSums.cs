namespace Serverless.Trainer.Evaluation;

/// <summary>What an evaluation of a slice adds up to.</summary>
internal sealed record EvaluationSums
{
    /// <summary>Rows evaluated.</summary>
    public long Rows { get; set; }

    /// <summary>Rows whose largest output is their class; 0 where there are no classes.</summary>
    public long Correct { get; set; }

    /// <summary>Sum of the rows' losses.</summary>
    public double LossSum { get; set; }

    /// <summary>The outputs of the first rows, row after row; null where none are kept.</summary>
    public float[]? Outputs { get; init; }

    /// <summary>Outputs of a row.</summary>
    public int OutputWidth { get; init; }
}
