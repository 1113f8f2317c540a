namespace Serverless.Core.Models;

/// <summary>What happens to a raw value before the network sees it: <c>x = (raw - offset) · scale</c>.</summary>
/// <param name="InsideModel">Whether the published model does it itself, so that a client sends raw values.</param>
/// <param name="Offset">One number for all features, or one for each.</param>
/// <param name="Scale">One number for all features, or one for each.</param>
public sealed record ModelPreprocessing(bool InsideModel, IReadOnlyList<float> Offset, IReadOnlyList<float> Scale);
