namespace Serverless.Cli.Api;

/// <summary>A served model, as the inference protocol describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Versions">The served versions.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
internal sealed record ModelDescription(string Name, IReadOnlyList<string> Versions, IReadOnlyList<TensorDescription> Inputs, IReadOnlyList<TensorDescription> Outputs);
