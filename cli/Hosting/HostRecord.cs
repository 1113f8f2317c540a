using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Cli.Hosting;

/// <summary>What a running host says about itself: in its data folder, and to whoever asks it over HTTP.</summary>
/// <param name="Url">Root of its HTTP triggers.</param>
/// <param name="ProcessId">Its process.</param>
/// <param name="Folder">Its data folder.</param>
/// <param name="Storage">Connection string of its Azurite, whose key is no secret; null where it uses a storage account that it was given.</param>
/// <param name="MaxTrainers">How many trainers it may start.</param>
/// <param name="Started">When it became ready.</param>
public sealed record HostRecord(Uri Url, int ProcessId, string Folder, string? Storage, int MaxTrainers, DateTimeOffset Started)
{
    /// <summary>Where the host answers with this record; only on this machine, a cloud deployment has no such route.</summary>
    public const string Route = "/local-host";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip };

    /// <summary>The record as JSON text.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a record.</summary>
    /// <returns>The record, or null if the text is not one (a host that was killed while writing it).</returns>
    public static HostRecord? TryParse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<HostRecord>(json, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
