using System.Globalization;
using Serverless.Core.Models;
using Serverless.Inference.Models;

namespace Serverless.Inference.Tests.Models;

/// <summary>Many versions one after the other under load, each of which can be told by its answers; with an app of its own, whose store holds nothing else.</summary>
public sealed class SwapTests(InferenceApp app) : IClassFixture<InferenceApp>
{
    private const string Model = "swaps";
    private const int Swaps = 150;

    [Fact]
    public async Task Refresh_ManyVersionsUnderLoad_NoAnswerFailsOrIsOfAnotherVersionThanItSays()
    {
        await PutAsync(1);
        using var done = new CancellationTokenSource();
        var newest = 1;
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var answers = 0;
            for (; !done.IsCancellationRequested; answers++)
            {
                var atLeast = Volatile.Read(ref newest);
                var (status, body) = await app.InferAsync(Model, $$"""{"inputs":[{"name":"x","shape":[1,1],"datatype":"INT32","data":[{{answers}}]}]}""");
                Assert.True(status == 200, $"{status}: {body}");
                var version = int.Parse(body.GetProperty("model_version").GetString()!, CultureInfo.InvariantCulture);
                Assert.True(version >= atLeast, $"Version {version} answered after version {atLeast} was there.");
                Assert.Equal(answers + version, body.GetProperty("outputs")[0].GetProperty("data")[0].GetInt32());
            }

            return answers;
        })).ToArray();

        var retired = new List<ServedModel>();
        for (var version = 2; version <= Swaps; version++)
        {
            using (var lease = await app.Repository.LeaseAsync(Model, null, CancellationToken.None))
            {
                retired.Add(lease.Model);
            }

            await PutAsync(version);
            Volatile.Write(ref newest, version);
            await app.Storage.Models.DeleteBlobAsync(ModelBlobs.Onnx(Model, version - 1));
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(load), answers => Assert.True(answers > 0));
        Assert.All(retired, model => Assert.Null(model.TryLease()));
        Assert.Single(Directory.EnumerateFiles(app.Cache, "model.onnx", SearchOption.AllDirectories));
    }

    private async Task PutAsync(int version)
    {
        await app.PutAsync(ModelBlobs.Onnx(Model, version), TestModels.Adds(version));
        await app.Repository.RefreshAsync(CancellationToken.None);
    }
}
