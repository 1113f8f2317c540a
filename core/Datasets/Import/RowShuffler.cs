using System.Runtime.CompilerServices;
using Serverless.Core.Randomness;

namespace Serverless.Core.Datasets.Import;

/// <summary>
/// Puts rows in random order, each order equally likely, in bounded memory: rows are dealt at random to as many files as are needed for each to fit into
/// memory, and then
/// every file is shuffled there. Source: Rao (Sankhyā 23, 1961) and Sandelius (Journal of the Royal Statistical Society B 24, 1962).
/// </summary>
/// <param name="seed">What the order depends on, besides the number of rows and the bytes of each.</param>
/// <param name="memoryBytes">Most bytes of rows to hold in memory.</param>
internal sealed class RowShuffler(long seed, int memoryBytes = RowShuffler.DefaultMemoryBytes)
{
    /// <summary>Bytes of rows held in memory when nothing else is said. Part of what makes an import give the same bytes everywhere.</summary>
    public const int DefaultMemoryBytes = 128 * 1024 * 1024;

    // As many files as are open at a time. More rows than fit take a second round of dealing.
    private const int MaxFiles = 64;

    /// <summary>The rows in random order; each is valid until the next one. The file is disposed of on the way.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ShuffleAsync(SpoolFile rows, CancellationToken cancellationToken = default) =>
        ShuffleAsync(rows, SplitMix64.Derive(seed), cancellationToken);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ShuffleAsync(SpoolFile rows, ulong state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (rows.Bytes <= memoryBytes || rows.Rows == 1)
        {
            using (rows)
            {
                await foreach (var row in ShuffleInMemoryAsync(rows, state, cancellationToken))
                {
                    yield return row;
                }
            }

            yield break;
        }

        var files = new SpoolFile[(int)Math.Min(MaxFiles, (rows.Bytes / memoryBytes) + 2)];
        try
        {
            await DealAsync(rows, files, state, cancellationToken);
            for (var i = 0; i < files.Length; i++)
            {
                await foreach (var row in ShuffleAsync(files[i], SplitMix64.Derive((long)state, i), cancellationToken))
                {
                    yield return row;
                }
            }
        }
        finally
        {
            foreach (var file in files)
            {
                file?.Dispose();
            }
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> ShuffleInMemoryAsync(
        SpoolFile rows, ulong state, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var memory = await rows.LoadAsync(cancellationToken);
        var order = new int[rows.Rows];
        new Xoshiro256(state).Permute(order);
        foreach (var row in order)
        {
            yield return memory.AsMemory(row * rows.RowBytes, rows.RowBytes);
        }
    }

    private static async Task DealAsync(SpoolFile rows, SpoolFile[] files, ulong state, CancellationToken cancellationToken)
    {
        using (rows)
        {
            for (var i = 0; i < files.Length; i++)
            {
                files[i] = new SpoolFile(rows.Folder, rows.RowBytes);
            }

            var random = new Xoshiro256(state);
            await foreach (var row in rows.ReadAsync(cancellationToken))
            {
                files[random.Next(files.Length)].Write(row.Span);
            }
        }
    }
}
