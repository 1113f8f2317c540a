using System.Diagnostics;

namespace Serverless.Cli.Tests;

/// <summary>Waits for what other processes and threads do, as long as it takes and no longer than a patient person would.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < Patience, $"After {Patience} still not: {what}");
            await Task.Delay(20);
        }
    }
}
