using Serverless.Core.Models;
using Serverless.Core.Validation;
using Serverless.Inference.Configuration;
using Serverless.Inference.Execution;

namespace Serverless.Inference.Models;

/// <summary>Fetches model versions and what is said about them, and loads them.</summary>
public sealed class ModelLoader(ModelStore store, ModelCache cache, ModelRunnerFactory runners) : IDisposable
{
    // Loading is work for one core; more at once than there are would slow the requests.
    private readonly SemaphoreSlim _places = new(Environment.ProcessorCount);

    /// <summary>Loads a version and runs it, so that it is ready to serve.</summary>
    /// <exception cref="ModelLoadException">It cannot be served, with the reason.</exception>
    internal async Task<ServedModel> LoadAsync(ModelSource model, SourceVersion version, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation);
        try
        {
            var published = version.Stored is { } stored ? await TryGetPublishedAsync(stored, cancellation) : null;
            var path = version.Folder is { } folder
                ? Path.Combine(folder, ModelVersionFiles.Find(Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file))))
                : await cache.FetchAsync(version.Stored!, published, cancellation);
            var runner = runners.Load(model.Name, version.Text, OnnxModelSource.FromFile(path), model.Config);
            return new ServedModel(model.Name, version, model.ConfigRevision, published, runner);
        }
        catch (InvalidDataException broken)
        {
            throw new ModelLoadException(broken.Message, broken);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>How a model is to be served, as the store says.</summary>
    /// <exception cref="ModelLoadException">What it says is wrong.</exception>
    internal async Task<ModelServingConfig> ReadConfigAsync(string model, CancellationToken cancellation)
    {
        try
        {
            return await store.TryReadServingConfigAsync(model, cancellation) is { } json
                ? ModelServingConfigFile.Read(json.ToMemory(), model)
                : ModelServingConfig.Default;
        }
        catch (ValidationException wrong)
        {
            throw new ModelLoadException($"The model's config.json is wrong: {string.Join("; ", wrong.Errors)}", wrong);
        }
    }

    /// <summary>Deletes what is on this machine's disk of a version that is served no longer.</summary>
    internal void Forget(SourceVersion version)
    {
        if (version.Stored is { } stored)
        {
            cache.Forget(stored);
        }
        else
        {
            cache.Delete(version.Folder!);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<ModelConfig?> TryGetPublishedAsync(ModelVersion version, CancellationToken cancellation)
    {
        try
        {
            var published = version.HasConfig ? await store.TryGetConfigAsync(version.Name, version.Version, cancellation) : null;
            return published is null && version.IsPublished ? throw new ModelLoadException("The version has been deleted.") : published;
        }
        catch (InvalidDataException) when (!version.IsPublished)
        {
            // Models made elsewhere come with files of that name that mean something else.
            return null;
        }
    }
}
