namespace Serverless.Cli;

/// <summary>Something the user gave is wrong.</summary>
/// <param name="message">What, with the value met and what is legal.</param>
internal sealed class UsageException(string message) : Exception(message);
