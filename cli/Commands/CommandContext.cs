using System.CommandLine;
using Serverless.Cli.Connections;
using Serverless.Cli.Output;

namespace Serverless.Cli.Commands;

/// <summary>What a command works with: its options, where to write, and when to give up.</summary>
/// <param name="Arguments">The parsed command line.</param>
/// <param name="Terminal">Where to write.</param>
/// <param name="Cancellation">Ends with Ctrl+C.</param>
internal sealed record CommandContext(ParseResult Arguments, Terminal Terminal, CancellationToken Cancellation)
{
    /// <summary>The value of an option, its default where it was not given.</summary>
    public T? Get<T>(Option<T> option) => Arguments.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T Get<T>(Argument<T> argument) => Arguments.GetRequiredValue(argument);

    /// <summary>Connects to the host this command line means, starting one where that helps.</summary>
    /// <param name="need">What of the host the command needs.</param>
    /// <param name="trainers">How many trainers to start at most where one is started; null for one for each core.</param>
    public Task<HostConnection> ConnectAsync(HostNeed need, int? trainers = null) => HostConnection.OpenAsync(
        new HostAddress(Get(GlobalOptions.Url), Get(GlobalOptions.Folder)!), need, trainers ?? LocalHosts.DefaultTrainers, Terminal, Cancellation);
}
