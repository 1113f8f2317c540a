using Microsoft.AspNetCore.Http;
using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>Runs a model on a request's tensors where they lie.</summary>
public static class ModelExecution
{
    /// <summary>Runs the model.</summary>
    /// <param name="model">The model; the caller holds a lease on it.</param>
    /// <param name="request">A request that was checked against the model's signature.</param>
    /// <returns>The requested outputs, in the order of the request; the caller disposes them.</returns>
    /// <exception cref="ProtocolException">400: the model refuses these inputs.</exception>
    public static IDisposableReadOnlyCollection<OrtValue> Run(ServedModel model, InferenceRequest request)
    {
        var names = new string[request.Inputs.Count];
        var values = new OrtValue[names.Length];
        var outputs = new string[request.Outputs.Count];
        try
        {
            for (var i = 0; i < names.Length; i++)
            {
                names[i] = request.Inputs[i].Signature.Name;
                values[i] = Wrap(request.Inputs[i]);
            }

            for (var i = 0; i < outputs.Length; i++)
            {
                outputs[i] = model.Signature.Outputs[request.Outputs[i].Index].Name;
            }

            return model.Session.Run(model.RunOptions, names, values, outputs);
        }
        catch (OnnxRuntimeException refused)
        {
            // The model has run on its own warm-up input: what fails now does so because of the inputs, such as sizes that only the graph relates to each other.
            throw new ProtocolException(StatusCodes.Status400BadRequest, $"The model cannot run on these inputs: {refused.Message}");
        }
        finally
        {
            foreach (var value in values)
            {
                value?.Dispose();
            }
        }
    }

    private static OrtValue Wrap(InferenceInput input) => OrtValue.CreateTensorValueWithData(
        OrtMemoryInfo.DefaultInstance, input.Signature.Datatype.ElementType(), input.Shape, input.Buffer!.Address, input.Bytes);
}
