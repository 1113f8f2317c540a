using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Serverless.Cli.Tests.Hosting;

public sealed class QueueTriggerTests(SampleHost host) : IClassFixture<SampleHost>
{
    [Fact]
    public async Task Message_FunctionSucceeds_RunsOnceAndIsDeleted()
    {
        var queue = await host.QueueAsync("take");

        await queue.SendMessageAsync("{\"job\":\"j\"}");

        await Eventually.TrueAsync(() => host.Trace.Seen("take").Count > 0, "the function runs");
        Assert.Equal(["{\"job\":\"j\"} 1"], host.Trace.Seen("take"));
        await Eventually.TrueAsync(() => IsEmptyAsync(queue), "the message is deleted");
    }

    [Fact]
    public async Task Message_QueueNamedBySetting_ArrivesAsText()
    {
        var queue = await host.QueueAsync("text");

        await queue.SendMessageAsync("grüße");

        await Eventually.TrueAsync(() => host.Trace.Seen("text").Count > 0, "the function runs");
        Assert.Equal(["grüße"], host.Trace.Seen("text"));
    }

    [Fact]
    public async Task Message_FunctionFailsEachTime_GoesToPoisonAfterTheAllowedTries()
    {
        var queue = await host.QueueAsync("refuse");

        await queue.SendMessageAsync("x");

        var poison = await host.QueueAsync("refuse-poison");
        await Eventually.TrueAsync(async () => !await IsEmptyAsync(poison), "the message is in the poison queue");
        Assert.Equal(["x 1", "x 2", "x 3"], host.Trace.Seen("refuse"));
        Assert.Equal("x", (await poison.ReceiveMessageAsync()).Value.Body.ToString());
        await Eventually.TrueAsync(() => IsEmptyAsync(queue), "the message has left its queue");
    }

    [Fact]
    public async Task Message_NotBase64_GoesToPoisonAsItIs()
    {
        var queue = await host.QueueAsync("take", QueueMessageEncoding.None);

        await queue.SendMessageAsync("{ this is no base64 }");

        var poison = await host.QueueAsync("take-poison", QueueMessageEncoding.None);
        QueueMessage? found = null;
        await Eventually.TrueAsync(async () => (found = (await poison.ReceiveMessageAsync()).Value) is not null, "the message is in the poison queue");
        Assert.Equal("{ this is no base64 }", found!.Body.ToString());
    }

    [Fact]
    public async Task Message_FunctionOutlastsTheLock_StaysHiddenAndRunsOnce()
    {
        var queue = await host.QueueAsync("slow");
        await queue.SendMessageAsync("long");
        await Eventually.TrueAsync(() => host.Trace.Seen("slow").Count > 0, "the function runs");

        var clock = Stopwatch.StartNew();
        await Eventually.TrueAsync(() => clock.Elapsed > 2 * SampleHost.MessageLock, "two locks' time has passed");
        host.Trace.Open("slow");

        await Eventually.TrueAsync(() => IsEmptyAsync(queue), "the message is deleted");
        Assert.Equal(["long"], host.Trace.Seen("slow"));
        Assert.Equal(["long"], host.Trace.Seen("slow done"));
    }

    [Fact]
    public async Task Messages_MoreThanABatch_AreTakenInBatchesAndLeaveTheRestToOthers()
    {
        var queue = await host.QueueAsync("crowd");
        var sent = Enumerable.Range(0, 10).Select(i => $"m{i}").ToList();
        await Task.WhenAll(sent.Select(message => queue.SendMessageAsync(message)));

        // Up to two at work a new batch of four is taken; with more at work none is. So at least 3 and at most 6 run at once.
        await Eventually.TrueAsync(() => host.Trace.Seen("crowd").Count >= 3, "a batch is at work");
        var visible = (await queue.PeekMessagesAsync(32)).Value.Length;
        Assert.InRange(host.Trace.Seen("crowd").Count, 3, 6);
        Assert.InRange(visible, 4, 7);

        host.Trace.Open("crowd");
        await Eventually.TrueAsync(() => host.Trace.Seen("crowd done").Count == 10, "all messages are done");
        Assert.Equal(sent, host.Trace.Seen("crowd done").Order());
    }

    private static async Task<bool> IsEmptyAsync(QueueClient queue) => (await queue.GetPropertiesAsync()).Value.ApproximateMessagesCount == 0;
}
