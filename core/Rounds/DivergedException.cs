using System.Globalization;

namespace Serverless.Core.Rounds;

/// <summary>Training went to infinity: a contribution, or the parameters made from it, are not finite. Trying again would come to the same.</summary>
/// <param name="round">The round.</param>
/// <param name="shard">The shard whose contribution it is; null when all contributions were finite but the new parameters are not.</param>
/// <param name="loss">Mean loss of the shard in this round, or of all shards.</param>
public sealed class DivergedException(int round, int? shard, double loss) : Exception(string.Create(
    CultureInfo.InvariantCulture,
    $"training diverged in round {round}{(shard is null ? "" : $" on shard {shard}")}: the loss is {loss:G6} and the {(shard is null ? "new parameters are" : "contribution is")} not finite; a smaller learning rate, a warm-up or clipNorm may help"))
{
    /// <summary>The round.</summary>
    public int Round { get; } = round;

    /// <summary>The shard, or null.</summary>
    public int? Shard { get; } = shard;

    /// <summary>Mean loss.</summary>
    public double Loss { get; } = loss;
}
