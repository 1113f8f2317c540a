namespace Serverless.Cli.Connections;

/// <summary>What of a host a command needs. Where no host runs, as much is started for the time of the command.</summary>
internal enum HostNeed
{
    /// <summary>The storage account.</summary>
    Storage,

    /// <summary>Storage and the functions, to look at what is there: where nothing is, none is started.</summary>
    ExistingData,

    /// <summary>Storage and the functions.</summary>
    Functions,

    /// <summary>Storage, functions and trainers.</summary>
    Trainers,
}
