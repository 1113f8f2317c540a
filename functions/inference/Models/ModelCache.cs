using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serverless.Core.Models;
using Serverless.Core.Storage;

namespace Serverless.Inference.Models;

/// <summary>
/// Models on this machine's disk: each version's files in a folder of their own, named by what they are, complete as soon as it exists, with a list of its files' hashes.
/// What is found there again is checked against the hashes, and downloaded anew where it does not match.
/// </summary>
public sealed partial class ModelCache(ModelStore store, ServerlessStorage storage, IOptions<InferenceOptions> options, ILogger<ModelCache> logger)
{
    private const string Manifest = "files.json";
    private const string Unfinished = ".tmp";
    private const int BufferBytes = 1 << 16;

    private readonly Lazy<string> _folder = new(() => Open(options.Value.CacheDirectory));

    /// <summary>Downloads a version, unless it is there already.</summary>
    /// <param name="version">The version.</param>
    /// <param name="published">What was published about it; null for a version that somebody put there.</param>
    /// <param name="cancellation">Ends the download.</param>
    /// <returns>The path of the model's file; its external data lies beside it.</returns>
    /// <exception cref="ModelLoadException">The files are not what they are said to be, or not all there.</exception>
    public async Task<string> FetchAsync(ModelVersion version, ModelConfig? published, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(version);
        var model = version.Model ?? throw new ModelLoadException("The version has neither a model.onnx nor a model.ort.");
        var folder = FolderOf(version);
        if (await IsIntactAsync(folder, cancellation))
        {
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow);
            return Path.Combine(folder, model.Name);
        }

        Delete(folder);
        await FillAsync(folder, async into =>
        {
            var file = await DownloadAsync(version, model, into, cancellation);
            if (model.Name == ModelVersionFiles.Onnx)
            {
                CheckPublished(file, published);
            }

            List<CachedFile> files = [file];

            // What jobs publish is a single file.
            foreach (var name in version.IsPublished ? [] : ExternalFiles(Path.Combine(into, model.Name), version.Files.Select(blob => blob.Name)))
            {
                files.Add(await DownloadAsync(version, version.Find(name)!, into, cancellation));
            }

            return files;
        });
        Trim(folder);
        return Path.Combine(folder, model.Name);
    }

    /// <summary>Lets go of a version that is served no longer.</summary>
    public void Forget(ModelVersion version)
    {
        ArgumentNullException.ThrowIfNull(version);
        Delete(FolderOf(version));
    }

    /// <summary>Puts files of a version that came with a request on the disk.</summary>
    /// <param name="files">Names, which have been checked, and contents.</param>
    /// <param name="cancellation">Ends the writing.</param>
    /// <returns>The folder they are in; to be deleted with <see cref="Delete"/>.</returns>
    /// <exception cref="ModelLoadException">There is no model among them, or its external data is missing.</exception>
    public async Task<string> StoreAsync(IReadOnlyDictionary<string, byte[]> files, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(files);
        var folder = Path.Combine(_folder.Value, "loaded-" + Guid.NewGuid().ToString("n"));
        await FillAsync(folder, async into =>
        {
            foreach (var (name, content) in files)
            {
                var path = Path.Combine(into, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                await File.WriteAllBytesAsync(path, content, cancellation);
            }

            ExternalFiles(Path.Combine(into, ModelVersionFiles.Find(files.Keys)), files.Keys);
            return [];
        });
        return folder;
    }

    /// <summary>Deletes a folder of the cache. What is loaded from it stays loaded.</summary>
    public void Delete(string folder)
    {
        try
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file that is mapped into memory cannot go on every system; the next clean-up tries again.
            LogNotDeleted(logger, folder, e.Message);
        }
    }

    private string FolderOf(ModelVersion version)
    {
        var identity = $"{storage.Models.Uri}\n{version.Name}\n{version.Version}\n{version.Revision}";
        return Path.Combine(_folder.Value, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..32]);
    }

    private static string Open(string? configured)
    {
        if (configured is not null)
        {
            return Directory.CreateDirectory(configured).FullName;
        }

        // Others may write to the temporary files' folder, but must not to this one.
        var folder = Path.Combine(Path.GetTempPath(), $"serverless-models-{Environment.UserName}");
        if (OperatingSystem.IsWindows())
        {
            return Directory.CreateDirectory(folder).FullName;
        }

        const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(folder, Own);
        return (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == 0
            ? folder
            : throw new ModelLoadException($"The folder '{folder}' can be written by others; delete it, or set Inference__CacheDirectory.");
    }

    private async Task FillAsync(string folder, Func<string, Task<IReadOnlyList<CachedFile>>> fill)
    {
        var unfinished = $"{folder}.{Guid.NewGuid():n}{Unfinished}";
        try
        {
            Directory.CreateDirectory(unfinished);
            var files = await fill(unfinished);
            await File.WriteAllBytesAsync(Path.Combine(unfinished, Manifest), JsonSerializer.SerializeToUtf8Bytes([.. files], CacheJson.Default.CachedFileArray));
            if (!Directory.Exists(folder))
            {
                Directory.Move(unfinished, folder);
            }
        }
        catch (InvalidDataException broken)
        {
            throw new ModelLoadException(broken.Message, broken);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Another process was faster.
        }
        finally
        {
            Delete(unfinished);
        }
    }

    private async Task<CachedFile> DownloadAsync(ModelVersion version, ModelFile file, string into, CancellationToken cancellation)
    {
        var path = Path.Combine(into, file.Name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var hash = SHA256.Create();
        await using (var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, useAsync: true))
        {
            await using var hashing = new CryptoStream(target, hash, CryptoStreamMode.Write);
            await store.DownloadAsync(version, file, hashing, cancellation);
        }

        return new CachedFile(file.Name, file.Bytes, Convert.ToHexStringLower(hash.Hash!));
    }

    private static void CheckPublished(CachedFile file, ModelConfig? published)
    {
        if (published is not null && (published.Bytes != file.Bytes || published.Sha256 != file.Sha256))
        {
            throw new ModelLoadException(
                $"{file.Name} has {file.Bytes} bytes and SHA-256 {file.Sha256}, its configuration says {published.Bytes} bytes and {published.Sha256}.");
        }
    }

    private static IReadOnlyCollection<string> ExternalFiles(string model, IEnumerable<string> present)
    {
        if (Path.GetFileName(model) != ModelVersionFiles.Onnx)
        {
            return [];
        }

        using var onnx = new FileStream(model, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        var named = ExternalData.Find(onnx);
        return named.Except(present, StringComparer.Ordinal).FirstOrDefault() is { } missing
            ? throw new ModelLoadException($"The model keeps tensors in the file '{missing}', which is not there yet.")
            : named;
    }

    private static async Task<bool> IsIntactAsync(string folder, CancellationToken cancellation)
    {
        try
        {
            var manifest = await File.ReadAllBytesAsync(Path.Combine(folder, Manifest), cancellation);
            foreach (var file in JsonSerializer.Deserialize(manifest, CacheJson.Default.CachedFileArray) ?? [])
            {
                await using var content = new FileStream(Path.Combine(folder, file.Name), FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes, useAsync: true);
                if (content.Length != file.Bytes || Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellation)) != file.Sha256)
                {
                    return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Trim(string newest)
    {
        var folders = new DirectoryInfo(_folder.Value).EnumerateDirectories()
            .Where(folder => folder.FullName != newest && (!folder.Name.EndsWith(Unfinished, StringComparison.Ordinal) || IsAbandoned(folder)))
            .OrderByDescending(folder => folder.LastWriteTimeUtc);
        var kept = Size(new DirectoryInfo(newest));
        foreach (var folder in folders)
        {
            kept += Size(folder);
            if (kept > options.Value.CacheBytes)
            {
                Delete(folder.FullName);
            }
        }
    }

    private static bool IsAbandoned(DirectoryInfo unfinished) => DateTime.UtcNow - unfinished.LastWriteTimeUtc > TimeSpan.FromHours(6);

    // A folder may go while it is looked at: other processes clean up as well.
    private static long Size(DirectoryInfo folder)
    {
        try
        {
            return folder.EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    [LoggerMessage(1130, LogLevel.Warning, "Cannot delete {Folder}: {Reason}")]
    private static partial void LogNotDeleted(ILogger logger, string folder, string reason);
}
