using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Models;

[Collection(InferenceCollection.Name)]
public sealed class ModelRepositoryTests(InferenceApp app)
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[1,2]}]}""";

    private static readonly byte[] Model = TestModels.Identity(new TestTensor("x", TensorElementType.Int32, 2));

    [Fact]
    public async Task Infer_ModelPublishedAMomentAgo_IsFoundWithoutWaitingForThePoll()
    {
        var version = await app.Store.ClaimVersionAsync("repository-fresh", "a-job");
        await app.Store.WriteAsync(InferenceApp.Config("repository-fresh", version, Model), InferenceApp.Files(Model));

        // The store is asked at most twice a second for names nobody knows.
        var (status, _) = await app.InferAsync("repository-fresh", Request);
        for (var patience = 0; status == 404 && patience < 100; patience++)
        {
            await Task.Delay(50);
            (status, _) = await app.InferAsync("repository-fresh", Request);
        }

        Assert.Equal(200, status);
    }

    [Fact]
    public async Task Refresh_VersionThatIsBeingPublished_IsNotThereYet()
    {
        var config = InferenceApp.Config("repository-half", 1, Model);
        await app.Store.ClaimVersionAsync("repository-half", "a-job");
        await app.Storage.Models.GetBlobClient(ModelBlobs.Onnx("repository-half", 1)).UploadAsync(BinaryData.FromBytes(Model));
        await app.Repository.RefreshAsync(CancellationToken.None);

        Assert.DoesNotContain("repository-half", app.Repository.Names);
        Assert.Null(await app.Store.TryGetConfigAsync(config.Name, config.Version));
    }

    [Fact]
    public async Task Refresh_NewerVersionThatCannotBeLoaded_LeavesTheOldOneServing()
    {
        await app.PublishAsync("repository-broken", Model);
        await app.PublishAsync("repository-broken", [1, 2, 3]);

        var (status, body) = await app.InferAsync("repository-broken", Request);

        Assert.Equal(200, status);
        Assert.Equal("1", body.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task Refresh_NewerVersionWhoseBytesAreNotThePublishedOnes_LeavesTheOldOneServing()
    {
        await app.PublishAsync("repository-damaged", Model);
        var version = await app.Store.ClaimVersionAsync("repository-damaged", "another-job");
        await app.Store.WriteAsync(InferenceApp.Config("repository-damaged", version, Model), InferenceApp.Files(Model));
        var damaged = Model.ToArray();
        damaged[^1] ^= 1;
        await app.Storage.Models.GetBlobClient(ModelBlobs.Onnx("repository-damaged", version)).UploadAsync(BinaryData.FromBytes(damaged), overwrite: true);

        await app.Repository.RefreshAsync(CancellationToken.None);
        using var lease = await app.Repository.LeaseAsync("repository-damaged", null, CancellationToken.None);

        Assert.Equal(1, lease.Model.Version);
    }

    [Fact]
    public async Task Refresh_ModelThatIsGone_IsNoLongerServed()
    {
        await app.PublishAsync("repository-gone", Model);
        await app.Storage.Models.DeleteBlobAsync(ModelBlobs.Config("repository-gone", 1));
        await app.Repository.RefreshAsync(CancellationToken.None);

        var missing = await Assert.ThrowsAsync<ProtocolException>(() => app.Repository.LeaseAsync("repository-gone", null, CancellationToken.None).AsTask());

        Assert.Equal(404, missing.Status);
    }

    [Fact]
    public async Task Swap_UnderLoad_FailsNoRequestAndFreesTheOldSession()
    {
        await app.PublishAsync("repository-swap", Model);
        using var done = new CancellationTokenSource();
        var newest = 1;
        var load = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var answers = 0;
            while (!done.IsCancellationRequested)
            {
                var atLeast = Volatile.Read(ref newest);
                var (status, body) = await app.InferAsync("repository-swap", Request);
                Assert.Equal(200, status);
                Assert.True(int.Parse(body.GetProperty("model_version").GetString()!, System.Globalization.CultureInfo.InvariantCulture) >= atLeast);
                answers++;
            }

            return answers;
        })).ToList();
        ServedModel first;
        using (var lease = await app.Repository.LeaseAsync("repository-swap", null, CancellationToken.None))
        {
            first = lease.Model;
        }

        for (var swap = 0; swap < 10; swap++)
        {
            Volatile.Write(ref newest, await app.PublishAsync("repository-swap", Model));
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(load), answers => Assert.True(answers > 0));
        Assert.Null(first.TryLease());
        Assert.Equal(11, newest);
    }

    [Fact]
    public async Task Lease_HeldWhileTheModelIsReplaced_StaysUsable()
    {
        await app.PublishAsync("repository-lease", Model);
        using var lease = await app.Repository.LeaseAsync("repository-lease", "1", CancellationToken.None);
        await app.PublishAsync("repository-lease", Model);

        Assert.Equal(1, lease.Model.Runner.Signature.Inputs.Length);
        Assert.NotNull(lease.Model.TryLease());
    }
}
