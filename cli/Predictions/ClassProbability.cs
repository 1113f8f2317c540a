namespace Serverless.Cli.Predictions;

/// <summary>How likely a class is.</summary>
/// <param name="Class">Its name, or its index as text where the model's classes have no names.</param>
/// <param name="Index">Its index.</param>
/// <param name="Probability">0 to 1.</param>
internal sealed record ClassProbability(string Class, int Index, double Probability);
