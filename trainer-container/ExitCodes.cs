namespace Serverless.Trainer;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    /// <summary>Nothing left to do, or told to stop and obeyed.</summary>
    public const int Done = 0;

    /// <summary>Something unexpected; the log says what.</summary>
    public const int Failed = 1;

    /// <summary>A setting is missing or illegal.</summary>
    public const int BadSettings = 2;
}
