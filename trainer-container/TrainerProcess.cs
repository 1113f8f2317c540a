using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Serverless.Core.Storage;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Settings;
using Serverless.Trainer.Shards;
using TorchSharp;

namespace Serverless.Trainer;

/// <summary>The trainer as a process: torch on the main thread, everything else on the pool's.</summary>
/// <param name="settings">How it was started.</param>
/// <param name="storage">The storage account.</param>
/// <param name="loggers">Where logs go.</param>
internal sealed class TrainerProcess(TrainerSettings settings, ServerlessStorage storage, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<TrainerProcess>();

    /// <summary>Runs until there is nothing to do, or SIGTERM, SIGINT or, where so set, the end of standard input.</summary>
    /// <returns>The exit code: 0, or 1 after something unexpected.</returns>
    /// <remarks>Torch runs on the thread that calls this: with glibc it allocates from the main arena there, whose settings <see cref="NativeRuntime.Prepare"/> made.</remarks>
    public int Run()
    {
        using var leave = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Leave);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Leave);
        if (settings.StopWithInput)
        {
            InputWatch.Start(leave);
        }

        using var engine = new Engine();
        var life = Task.Run(async () =>
        {
            try
            {
                return await LiveAsync(engine, leave.Token);
            }
            finally
            {
                engine.Stop();
            }
        });
        engine.Run();
        return life.GetAwaiter().GetResult();

        void Leave(PosixSignalContext signal)
        {
            // Not the runtime's default, which would end the process before the shards are handed on.
            signal.Cancel = true;
            leave.Cancel();
        }
    }

    private async Task<int> LiveAsync(Engine engine, CancellationToken leave)
    {
        try
        {
            // Loading torch takes longer than anything else here: storage is asked meanwhile.
            torch.Device? device = null;
            var ready = engine.RunAsync(() =>
            {
                NativeRuntime.Load(settings.Threads);
                device = settings.Device.Open(TrainerSettings.DeviceVariable);
                var milliseconds = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalMilliseconds;
                TrainerLog.Ready(_logger, settings.TrainerId, device, milliseconds);
            });
            await Task.WhenAll(ready, storage.CreateAsync(leave));
            var services = new TrainerServices(settings.TrainerId, storage, engine, () => device!, TimeProvider.System, loggers, cacheBytes: settings.CacheBytes);
            await new TrainerLoop(services, settings.Idle).RunAsync(leave);
            return ExitCodes.Done;
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return ExitCodes.Done;
        }
    }
}
