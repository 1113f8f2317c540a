using System.Text.Json.Serialization;

namespace Serverless.Cli.Demo;

/// <summary>What the demo's model said about a test picture.</summary>
/// <param name="Row">The picture's row in the test split.</param>
/// <param name="Predicted">The class it was taken for.</param>
/// <param name="True">The class it is of.</param>
/// <param name="Probability">How sure the model was, 0 to 1.</param>
/// <param name="Pixels">The picture.</param>
internal sealed record DemoPrediction(int Row, string Predicted, string True, double Probability, [property: JsonIgnore] ReadOnlyMemory<byte> Pixels)
{
    /// <summary>Whether the two classes agree.</summary>
    public bool Correct => Predicted == True;
}
