using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Serverless.Core.Storage;
using Serverless.EndToEnd.Installations;

namespace Serverless.EndToEnd.Chaos;

/// <summary>Takes messages off the real queues and loses them, sends them twice, or sends them again later and in another order.</summary>
internal sealed class MessageSaboteur : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private readonly Installation _installation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task[] _loops;
    private int _lost;
    private int _doubled;
    private int _delayed;

    /// <summary>Begins.</summary>
    /// <param name="installation">Where.</param>
    /// <param name="seed">Decides what happens to which message.</param>
    public MessageSaboteur(Installation installation, int seed)
    {
        _installation = installation;
        _loops = [.. StorageNames.Queues.Select((queue, index) => RunAsync(queue, new Random((seed * StorageNames.Queues.Count) + index)))];
    }

    /// <summary>What it did.</summary>
    public string Deeds => $"{_lost} messages lost, {_doubled} doubled, {_delayed} delayed";

    /// <summary>How many messages it touched.</summary>
    public int Count => _lost + _doubled + _delayed;

    /// <summary>Stops; messages that are held back come when their time has come.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        _stopping.Dispose();
    }

    private async Task RunAsync(string name, Random random)
    {
        var queue = _installation.Storage.Queue(name);
        try
        {
            while (true)
            {
                await Task.Delay(random.Next(400), _stopping.Token);
                var messages = (await queue.ReceiveMessagesAsync(random.Next(1, 5), cancellationToken: _stopping.Token)).Value;
                random.Shuffle(messages);
                foreach (var message in messages)
                {
                    await MistreatAsync(name, queue, message, random);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Enough.
        }
    }

    private async Task MistreatAsync(string name, QueueClient queue, QueueMessage message, Random random)
    {
        var fate = random.Next(10);
        TimeSpan[] copies = fate switch
        {
            < 4 => [],
            < 7 => [random.NextDouble() * Longest, random.NextDouble() * Longest],
            _ => [random.NextDouble() * Longest],
        };

        // Sent anew rather than given back: what the host counts are its own tries.
        await DeleteAsync(queue, message);
        foreach (var delay in copies)
        {
            await queue.SendMessageAsync(message.Body, TimeSpan.FromSeconds(Math.Round(delay.TotalSeconds)), cancellationToken: CancellationToken.None);
        }

        Interlocked.Increment(ref copies.Length == 0 ? ref _lost : ref copies.Length == 2 ? ref _doubled : ref _delayed);
        _installation.Log.Write("messages", $"{name}: {message.Body} {(copies.Length == 0 ? "lost" : copies.Length == 2 ? "doubled" : "delayed")}");
    }

    private static async Task DeleteAsync(QueueClient queue, QueueMessage message)
    {
        try
        {
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
        catch (RequestFailedException e) when (e.Status is 400 or 404)
        {
            // Storage was killed meanwhile: it deleted the message and could not say so, or came back without it.
        }
    }
}
