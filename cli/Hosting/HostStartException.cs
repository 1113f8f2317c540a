namespace Serverless.Cli.Hosting;

/// <summary>The host cannot start, for a reason its user can do something about.</summary>
/// <param name="message">What is wrong, and what to do.</param>
public sealed class HostStartException(string message) : Exception(message);
