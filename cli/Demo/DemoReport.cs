namespace Serverless.Cli.Demo;

/// <summary>The last line of <c>demo --json</c>.</summary>
/// <param name="Job">The job.</param>
/// <param name="Trainers">Trainers that worked on it.</param>
/// <param name="Rounds">Its rounds.</param>
/// <param name="Seconds">Seconds the whole demo took.</param>
/// <param name="TrainingSeconds">Seconds from the job's submission to its published model.</param>
/// <param name="ImagesPerSecond">Training images a second.</param>
/// <param name="TestAccuracy">Share of the test images classified right, 0 to 1.</param>
/// <param name="ParametersSha256">Hash of the parameters.</param>
/// <param name="Model">The published model.</param>
/// <param name="Version">Its version.</param>
/// <param name="Prediction">What the model said about the first test image.</param>
/// <param name="Predictions">What it said about some.</param>
internal sealed record DemoReport(
    string Job,
    int Trainers,
    int Rounds,
    double Seconds,
    double TrainingSeconds,
    double? ImagesPerSecond,
    double? TestAccuracy,
    string? ParametersSha256,
    string? Model,
    string? Version,
    DemoPrediction Prediction,
    IReadOnlyList<DemoPrediction> Predictions);
