using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Serverless.Cli.Hosting;
using Serverless.Core.Storage;

namespace Serverless.Cli.Tests.Hosting;

public sealed class LocalHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("--port")]
    [InlineData("--blob-port")]
    [InlineData("--queue-port")]
    public async Task Start_PortTaken_NamesPortAndOptionAndLeavesTheFolderFree(string option)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var options = Options() with
        {
            Port = option == "--port" ? port : 0,
            BlobPort = option == "--blob-port" ? port : 0,
            QueuePort = option == "--queue-port" ? port : 0,
        };

        var failure = await Assert.ThrowsAsync<PortTakenException>(() => LocalHost.StartAsync(options));

        Assert.Equal(port, failure.Port);
        Assert.Equal(option, failure.Option);
        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), failure.Message, StringComparison.Ordinal);
        Assert.Contains(option, failure.Message, StringComparison.Ordinal);
        DataFolder.Take(options.Folder).Dispose();
    }

    [Fact]
    public async Task Start_FolderHasAHost_IsRefusedWithItsAddress()
    {
        await using var first = await LocalHost.StartAsync(Options());

        var failure = await Assert.ThrowsAsync<FolderInUseException>(() => LocalHost.StartAsync(Options()));

        Assert.Equal(first.Url, failure.Running?.Url);
        Assert.Contains(first.Url.ToString(), failure.Message, StringComparison.Ordinal);
        Assert.Contains("--folder", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_WhatWasStored_IsThereAtTheNextStart()
    {
        await using (var first = await LocalHost.StartAsync(Options()))
        {
            await ServerlessStorage.Connect(first.StorageConnectionString).Datasets.UploadBlobAsync("kept", BinaryData.FromString("still here"));
        }

        await using var second = await LocalHost.StartAsync(Options());
        var content = await ServerlessStorage.Connect(second.StorageConnectionString).Datasets.GetBlobClient("kept").DownloadContentAsync();

        Assert.Equal("still here", content.Value.Content.ToString());
    }

    [Fact]
    public async Task Stop_Always_LeavesNoProcess()
    {
        var host = await LocalHost.StartAsync(Options());
        using var azurite = Process.GetProcessById(host.AzuriteProcessId!.Value);

        await host.DisposeAsync();

        Assert.True(azurite.HasExited);
        Assert.Null(DataFolder.FindRunning(_folder.File("data")));
    }

    [Fact]
    public async Task Azurite_Killed_ComesBackOnTheSamePorts()
    {
        await using var host = await LocalHost.StartAsync(Options());
        var before = host.AzuriteProcessId!.Value;
        var storage = ServerlessStorage.Connect(host.StorageConnectionString);

        using (var azurite = Process.GetProcessById(before))
        {
            azurite.Kill();
            await azurite.WaitForExitAsync();
        }

        // The client of before, so the same ports; its retries outlast the restart.
        await storage.CreateAsync();
        await storage.Jobs.UploadBlobAsync("after", BinaryData.FromString("the kill"));
        Assert.NotEqual(before, host.AzuriteProcessId);
    }

    [Fact]
    public async Task Record_Running_IsFoundInTheFolderAndOverHttp()
    {
        await using var host = await LocalHost.StartAsync(Options());
        using var http = new HttpClient { BaseAddress = host.Url };

        var found = DataFolder.FindRunning(_folder.File("data"));
        var told = HostRecord.TryParse(await http.GetByteArrayAsync(HostRecord.Route));

        Assert.Equal(host.Url, found?.Url);
        Assert.Equal(host.StorageConnectionString, found?.Storage);
        Assert.Equal(found, told);
    }

    public void Dispose() => _folder.Dispose();

    private LocalHostOptions Options() => new() { Folder = _folder.File("data") };
}
