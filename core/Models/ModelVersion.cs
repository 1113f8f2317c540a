using System.Security.Cryptography;
using System.Text;

namespace Serverless.Core.Models;

/// <summary>A complete model version in the store.</summary>
public sealed class ModelVersion
{
    /// <summary>Describes a version.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">The version, 1 or more.</param>
    /// <param name="created">When it was completed.</param>
    /// <param name="files">Its blobs.</param>
    public ModelVersion(string name, int version, DateTimeOffset created, IEnumerable<ModelFile> files)
    {
        Name = name;
        Version = version;
        Created = created;
        Files = [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)];
        IsPublished = Has(ModelBlobs.ClaimFile);
        Model = Find(ModelBlobs.OrtFile) ?? Find(ModelBlobs.OnnxFile);
        Revision = Summarise();
    }

    /// <summary>The model's name.</summary>
    public string Name { get; }

    /// <summary>The version, 1 or more.</summary>
    public int Version { get; }

    /// <summary>When it was completed.</summary>
    public DateTimeOffset Created { get; }

    /// <summary>Its blobs, by name.</summary>
    public IReadOnlyList<ModelFile> Files { get; }

    /// <summary>Changes when anything is written anew that decides what is served.</summary>
    public string Revision { get; }

    /// <summary>Whether it was published by a job; otherwise somebody put it there.</summary>
    public bool IsPublished { get; }

    /// <summary>The model itself: <c>model.ort</c> or else <c>model.onnx</c>; null where there is neither.</summary>
    public ModelFile? Model { get; }

    /// <summary>Whether it says of itself what it is.</summary>
    public bool HasConfig => Has(ModelBlobs.ConfigFile);

    /// <summary>A blob by its name; null where there is none.</summary>
    public ModelFile? Find(string name) => Files.FirstOrDefault(file => file.Name == name);

    private bool Has(string name) => Find(name) is not null;

    private string Summarise()
    {
        var text = new StringBuilder();
        foreach (var file in Files.Where(file => !ModelBlobs.IsCommentary(file.Name)))
        {
            text.Append(file.Name).Append('\n').Append(file.ETag).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
