using Serverless.Core.Models;

namespace Serverless.ControlPlane.Publishing;

/// <summary>What running an exported model showed.</summary>
/// <param name="Rows">Test rows whose outputs were compared.</param>
/// <param name="Difference">Largest absolute difference to the trainers' outputs; 0 where none could be compared.</param>
/// <param name="Tolerance">The largest difference that is accepted.</param>
/// <param name="Inputs">What the model takes.</param>
/// <param name="Outputs">What the model gives.</param>
public sealed record ExportFindings(
    int Rows,
    double Difference,
    double Tolerance,
    IReadOnlyList<ModelTensor> Inputs,
    IReadOnlyList<ModelTensor> Outputs)
{
    /// <summary>Whether the model gives what the trainers gave. What is not a number is not that.</summary>
    public bool IsAccepted => Difference <= Tolerance;
}
