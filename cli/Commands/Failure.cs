using Azure;
using Serverless.Cli.Api;
using Serverless.Cli.Connections;
using Serverless.Cli.Hosting;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.Cli.Commands;

/// <summary>What went wrong, for people and for scripts.</summary>
/// <param name="ExitCode">How the process ends.</param>
/// <param name="Error">What happened.</param>
/// <param name="Errors">What is wrong with which field, where that is known.</param>
internal sealed record Failure(int ExitCode, string Error, IReadOnlyList<FieldError> Errors)
{
    /// <summary>Says what an exception means to the user.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        ValidationException e => new Failure(Cli.ExitCode.BadInput, "The input is not valid.", e.Errors),
        UsageException => new Failure(Cli.ExitCode.BadInput, exception.Message, []),
        ApiException e => new Failure(ExitCodeOf(e.Status), e.Message, e.Errors),
        JobNotFoundException => new Failure(Cli.ExitCode.NotFound, exception.Message, []),
        PortTakenException or FolderInUseException or HostStartException or HostUnreachableException => new Failure(Cli.ExitCode.NoHost, exception.Message, []),
        HttpRequestException => new Failure(Cli.ExitCode.NoHost, $"The host stopped answering: {exception.Message}", []),
        RequestFailedException { Status: 0 } => new Failure(Cli.ExitCode.NoHost, $"The storage does not answer: {exception.Message}", []),
        FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException => new Failure(Cli.ExitCode.BadInput, exception.Message, []),
        _ => new Failure(Cli.ExitCode.Failed, $"Unexpected: {exception.Message}{Environment.NewLine}{exception}", []),
    };

    private static int ExitCodeOf(int status) => status switch
    {
        404 => Cli.ExitCode.NotFound,
        >= 400 and < 500 => Cli.ExitCode.BadInput,
        503 => Cli.ExitCode.NoHost,
        _ => Cli.ExitCode.Failed,
    };
}
