namespace Serverless.Cli.Connections;

/// <summary>There is no host to talk to.</summary>
/// <param name="message">Where it was looked for, and what to do.</param>
internal sealed class HostUnreachableException(string message) : Exception(message);
