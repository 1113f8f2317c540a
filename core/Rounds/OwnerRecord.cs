using System.Text.Json;

namespace Serverless.Core.Rounds;

/// <summary>Who works on a shard, as its owner blob says.</summary>
public sealed record OwnerRecord
{
    /// <summary>Grows with every change of owner.</summary>
    public required long Epoch { get; init; }

    /// <summary>The trainer; null when the shard was given back.</summary>
    public string? Trainer { get; init; }

    /// <summary>Until when the trainer is believed to be alive.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The round it works on, or the one that an owner before it had come to while this one has yet to get there.</summary>
    public int Round { get; init; }

    /// <summary>How many owners have begun this round, this one included; those that gave the shard back in good order do not count.</summary>
    public int Attempts { get; init; }

    /// <summary>A trainer that asks to be given the shard after its present round.</summary>
    public string? RequestedBy { get; init; }

    /// <summary>Whether a trainer may take the shard: nobody has it, its owner has not renewed its claim, or it was handed to this very trainer.</summary>
    public bool IsFreeFor(string trainer, DateTimeOffset now) => Trainer is null || Trainer == trainer || Expires <= now;

    internal static OwnerRecord Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, OwnerJson.Default.OwnerRecord) ?? throw new InvalidDataException("The owner of a shard is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"This is not the owner of a shard: {e.Message}", e);
        }
    }

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, OwnerJson.Default.OwnerRecord);
}
