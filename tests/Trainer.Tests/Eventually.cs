using System.Diagnostics;

namespace Serverless.Trainer.Tests;

/// <summary>Waits for what another thread or process brings about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task Async(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < Patience, $"there was not {what} within {Patience.TotalSeconds:F0} s");
            await Task.Delay(20);
        }
    }
}
