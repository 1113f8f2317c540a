using Serverless.Core.Models;
using Serverless.Inference.Execution;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>Fetches a model version, loads it and runs it once.</summary>
public sealed class ModelLoader(ModelStore store, SessionFactory sessions, TensorPool pool)
{
    /// <summary>Loads a version.</summary>
    /// <exception cref="ModelLoadException">It cannot be served, with the reason.</exception>
    public async Task<ServedModel> LoadAsync(ModelVersion version, CancellationToken cancellation)
    {
        try
        {
            var config = await store.TryGetConfigAsync(version.Name, version.Version, cancellation)
                ?? throw new ModelLoadException("The version has been deleted.");
            return Load(version, config, await store.ReadOnnxAsync(config, cancellation));
        }
        catch (InvalidDataException broken)
        {
            throw new ModelLoadException(broken.Message, broken);
        }
    }

    private ServedModel Load(ModelVersion version, ModelConfig config, byte[] onnx)
    {
        var session = sessions.Create(onnx);
        try
        {
            var model = new ServedModel(version, config, session);
            WarmUp(model);
            return model;
        }
        catch (ProtocolException refused)
        {
            session.Dispose();
            throw new ModelLoadException(refused.Message, refused);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    // The first run allocates and packs what later ones reuse, and shows whether the model runs at all.
    private void WarmUp(ServedModel model)
    {
        using var request = new InferenceRequest(model.Signature.Inputs.Length);
        foreach (var signature in model.Signature.Inputs)
        {
            long[] shape = [.. signature.Shape];
            for (var i = 0; i < shape.Length; i++)
            {
                shape[i] = shape[i] < 0 ? 1 : shape[i];
            }

            var elements = Shapes.Elements(shape);
            if (elements < 0 || elements * signature.Datatype.Size() > int.MaxValue / 2)
            {
                throw new ModelLoadException($"The input '{signature.Name}' of shape {Shapes.Describe(signature.Shape)} is larger than any request may be.");
            }

            var input = new InferenceInput(signature, shape, (int)elements * signature.Datatype.Size());
            input.Buffer = pool.Rent(input.Bytes);
            input.Buffer.Bytes.Clear();
            request.Add(input);
        }

        request.Outputs = [.. Enumerable.Range(0, model.Signature.Outputs.Length).Select(index => new RequestedOutput(index, Binary: true))];
        using var outputs = ModelExecution.Run(model, request);
    }
}
