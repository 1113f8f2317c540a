using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>A model loaded on one device, and the memory that its runs use.</summary>
internal sealed class ModelSession : IDisposable
{
    // Larger outputs are not kept between requests.
    private const long MaxKeptOutput = 1 << 20;

    private static readonly Action<BoundRun> Finish = run =>
    {
        if (!run.IsKept)
        {
            run.Dispose();
        }
    };

    private readonly int? _gpu;

    /// <summary>Takes a loaded session over.</summary>
    /// <param name="session">The session.</param>
    /// <param name="memory">Where the memory of inputs and outputs comes from.</param>
    /// <param name="gpu">The graphics processor that it runs on; null for the processor.</param>
    /// <param name="signature">The signature of the same model on another device, whose requests this session runs too; null where it is the first.</param>
    public ModelSession(InferenceSession session, TensorPool memory, int? gpu = null, ModelSignature? signature = null)
    {
        Session = session;
        Memory = memory;
        IsOnProcessor = gpu is null;
        _gpu = gpu;
        Signature = signature ?? ModelSignature.Of(session);
        Shapes = new OutputShapes(session, Signature);
    }

    /// <summary>The recorded run of the model, where it is replayed; null where every run is made anew.</summary>
    public CudaGraph? Graph { get; private set; }

    /// <summary>ONNX Runtime's session.</summary>
    public InferenceSession Session { get; }

    /// <summary>What runs are made with.</summary>
    public RunOptions RunOptions { get; } = new();

    /// <summary>What the model takes and gives.</summary>
    public ModelSignature Signature { get; }

    /// <summary>What is known of the outputs' shapes.</summary>
    public OutputShapes Shapes { get; }

    /// <summary>Where the memory of inputs and outputs comes from.</summary>
    public TensorPool Memory { get; }

    /// <summary>Whether the model runs where its inputs and outputs lie, so that nothing has to be copied.</summary>
    public bool IsOnProcessor { get; }

    /// <summary>Has the next run recorded, and every later one replayed.</summary>
    /// <exception cref="ModelLoadException">The model's runs differ in their shapes.</exception>
    public void Record()
    {
        if (!CudaGraph.CanRecord(Signature))
        {
            throw new ModelLoadException("The configuration has optimization.cuda.graphs, which needs a model whose inputs and outputs are numbers of fixed shapes; this one has free dimensions or text.");
        }

        Graph = new CudaGraph(Session, RunOptions, Signature, _gpu!.Value);
    }

    /// <summary>Runs the model on one request's tensors where they lie.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outputs">Shows the outputs that the request asks for.</param>
    /// <exception cref="OnnxRuntimeException">The model refuses the tensors.</exception>
    public void Run(InferenceRequest request, InferenceOutputs outputs)
    {
        // The binding made for a request stays with the memory of its first tensor, which the next request like it most likely gets.
        var first = request.Inputs.Count > 0 ? request.Inputs[0].Buffer! : null;
        if (first?.Bound is { } bound && bound.Matches(this, request.Inputs))
        {
            bound.Run(users: 1, Finish);
            outputs.Of(bound, request.Outputs);
            return;
        }

        var inputs = new BoundInput[request.Inputs.Count];
        for (var i = 0; i < inputs.Length; i++)
        {
            var input = request.Inputs[i];
            inputs[i] = new BoundInput(input.Signature, [.. input.Shape], input.Buffer!, input.Bytes);
        }

        var run = Run(inputs);
        if (run.IsReusable && run.OutputBytes <= MaxKeptOutput)
        {
            first?.Keep(run);
        }

        outputs.Of(run, request.Outputs);
    }

    /// <summary>Binds the model to memory and runs it for one user.</summary>
    /// <exception cref="OnnxRuntimeException">The model refuses these inputs.</exception>
    public BoundRun Run(ReadOnlySpan<BoundInput> inputs)
    {
        var run = new BoundRun(this, inputs);
        try
        {
            run.Run(users: 1, Finish);
            return run;
        }
        catch (OnnxRuntimeException) when (run.OutputBytes > 0 && Graph is null)
        {
            // Either the inputs are wrong, or the shapes that the model's names promise for the outputs are.
            run.Dispose();
            run = RunUnknown(inputs);
            Shapes.Distrust();
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    private BoundRun RunUnknown(ReadOnlySpan<BoundInput> inputs)
    {
        var run = new BoundRun(this, inputs, derivesShapes: false);
        try
        {
            run.Run(users: 1, Finish);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Graph?.Dispose();
        RunOptions.Dispose();
        Session.Dispose();
    }
}
