using Azure;

namespace Serverless.Core.Models;

/// <summary>A complete model version in the store.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The version, 1 or more.</param>
/// <param name="ETag">Changes when the version is written anew.</param>
/// <param name="Created">When it was completed.</param>
public sealed record ModelVersion(string Name, int Version, ETag ETag, DateTimeOffset Created);
