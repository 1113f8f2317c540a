using System.Globalization;
using Serverless.Core.Models;
using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;

namespace Serverless.Inference.Models;

/// <summary>Fetches a model version, loads it and runs it once.</summary>
public sealed class ModelLoader(ModelStore store, ModelRunnerFactory runners)
{
    /// <summary>Loads a version.</summary>
    /// <exception cref="ModelLoadException">It cannot be served, with the reason.</exception>
    public async Task<ServedModel> LoadAsync(ModelVersion version, CancellationToken cancellation)
    {
        try
        {
            var config = await store.TryGetConfigAsync(version.Name, version.Version, cancellation)
                ?? throw new ModelLoadException("The version has been deleted.");
            var source = OnnxModelSource.FromBytes(await store.ReadOnnxAsync(config, cancellation));
            var number = version.Version.ToString(CultureInfo.InvariantCulture);
            return new ServedModel(version, config, runners.Load(version.Name, number, source, ModelServingConfig.Default));
        }
        catch (InvalidDataException broken)
        {
            throw new ModelLoadException(broken.Message, broken);
        }
    }
}
