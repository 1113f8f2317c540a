namespace Serverless.Trainer;

/// <summary>Waits for the end of standard input, which tells that the process that started this one wants it to stop, or is gone.</summary>
internal static class InputWatch
{
    // A starter that only wants the trainer to stop ends it itself when its patience is over. One that is gone cannot, and may have taken the storage with it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Starts waiting, on a thread of its own: reading a pipe blocks.</summary>
    /// <param name="leave">Cancelled at the end of the input. The process has then some seconds to end by itself.</param>
    public static void Start(CancellationTokenSource leave) => new Thread(() => Wait(leave)) { IsBackground = true, Name = "input" }.Start();

    private static void Wait(CancellationTokenSource leave)
    {
        try
        {
            using var input = Console.OpenStandardInput();
            var ignored = new byte[256];
            while (input.Read(ignored) > 0)
            {
            }
        }
        catch (IOException)
        {
            // An input that cannot be read has ended.
        }

        try
        {
            leave.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The trainer has just ended by itself.
        }

        Thread.Sleep(Patience);
        Environment.Exit(ExitCodes.Failed);
    }
}
