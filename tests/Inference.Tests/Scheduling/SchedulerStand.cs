using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;
using Serverless.Inference.Protocol;
using Serverless.Inference.Scheduling;
using Serverless.Inference.Statistics;

namespace Serverless.Inference.Tests.Scheduling;

/// <summary>A scheduler over a small model, on a processor that a test can keep busy.</summary>
internal sealed class SchedulerStand : IDisposable
{
    public static readonly byte[] Pairs = TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 2));

    private readonly ModelSession _session;

    public SchedulerStand(ModelServingConfig config, TimeProvider time, byte[]? model = null, ComputeGate? gate = null, int instances = 1, Func<long>? unread = null)
    {
        OnnxRuntimeTelemetry.Disable();
        _session = new ModelSession(new InferenceSession(model ?? Pairs), new TensorPool());
        if (config.MaxBatchSize > 0)
        {
            _session.Shapes.FollowRows(_session.Signature.Inputs[0]);
        }

        Gate = gate ?? new ComputeGate(1);
        Statistics = new ModelStatistics("m", "1", time, () => 0);
        Scheduler = new BatchScheduler(config with { DynamicBatching = config.DynamicBatching ?? new() }, Enumerable.Repeat(_session, instances), Statistics, Gate, time, unread ?? (() => 0));
    }

    public static ModelServingConfig UpTo(int rows) => new() { MaxBatchSize = rows };

    public ComputeGate Gate { get; }

    public BatchScheduler Scheduler { get; }

    public ModelStatistics Statistics { get; }

    /// <summary>Keeps the processor busy until <see cref="Free"/>.</summary>
    public void Occupy() => Assert.True(Gate.TryEnter());

    public void Free() => Gate.Exit(Scheduler, 0);

    /// <summary>A request with rows of two numbers that start from a value.</summary>
    public InferenceRequest Request(int rows, float value, uint priority = 0, long timeout = 0)
    {
        var request = Request(MemoryMarshal.AsBytes<float>(Enumerable.Range(0, 2 * rows).Select(i => value + i).ToArray()), rows, 2);
        request.Priority = priority;
        request.TimeoutMicroseconds = timeout;
        return request;
    }

    /// <summary>A request with one tensor.</summary>
    public InferenceRequest Request(ReadOnlySpan<byte> bytes, params long[] shape)
    {
        var request = _session.Signature.RentRequest();
        Add(request, 0, bytes, shape);
        request.Decide(binaryByDefault: true);
        return request;
    }

    /// <summary>A request with two tensors.</summary>
    public InferenceRequest Request(ReadOnlySpan<float> first, ReadOnlySpan<long> second, long rows)
    {
        var request = _session.Signature.RentRequest();
        Add(request, 0, MemoryMarshal.AsBytes(first), [rows, first.Length / rows]);
        Add(request, 1, MemoryMarshal.AsBytes(second), [rows, second.Length / rows]);
        request.Decide(binaryByDefault: true);
        return request;
    }

    /// <summary>Runs a request to its end and gives the numbers that came out.</summary>
    public async Task<float[]> RunAsync(InferenceRequest request, CancellationToken cancellation = default)
    {
        using (request)
        {
            using var outputs = await Scheduler.RunAsync(request, cancellation);
            return MemoryMarshal.Cast<byte, float>(outputs.Bytes(0)).ToArray();
        }
    }

    public void Dispose()
    {
        Scheduler.Dispose();
        _session.Memory.Dispose();
        _session.Dispose();
    }

    private void Add(InferenceRequest request, int index, ReadOnlySpan<byte> bytes, long[] shape)
    {
        var input = request.Add(index, shape, (int)Shapes.Elements(shape), bytes.Length);
        bytes.CopyTo(input.Rent(_session.Memory));
    }
}
