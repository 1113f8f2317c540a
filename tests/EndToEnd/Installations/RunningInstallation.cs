namespace Serverless.EndToEnd.Installations;

/// <summary>An installation with a dataset and a function host, shared by tests that leave both as they are.</summary>
public sealed class RunningInstallation : IAsyncLifetime
{
    private FunctionHost? _host;

    internal Installation Installation { get; } = new();

    internal FunctionHost Host => _host!;

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        await TestData.ImportAsync(Installation, TestJobs.Dataset, rows: 512, testRows: 128);
        _host = await Installation.StartHostAsync();
    }

    /// <inheritdoc/>
    public Task DisposeAsync() => Installation.DisposeAsync().AsTask();
}
