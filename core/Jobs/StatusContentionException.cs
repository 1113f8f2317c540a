namespace Serverless.Core.Jobs;

/// <summary>A blob that is changed by compare-and-swap was changed by others so often that a change of ours did not get through. Trying again later helps.</summary>
public sealed class StatusContentionException(string blob, int attempts) : Exception($"The blob '{blob}' was changed by others {attempts} times while it was to be changed here.");
