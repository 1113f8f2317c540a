using Microsoft.ML.OnnxRuntime.Tensors;

namespace Serverless.Inference.Tests.Models;

/// <summary>Storage that goes away, and may come back without its newest blobs: nothing that other tests should share.</summary>
public sealed class OutageTests(InferenceApp app) : IClassFixture<InferenceApp>
{
    private const string Request = """{"inputs":[{"name":"x","shape":[2],"datatype":"INT32","data":[1,2]}]}""";

    [Fact]
    public async Task Infer_StoreAway_GoesOnWithLoadedModelsAndSaysSoForOthers()
    {
        await app.PublishAsync("loaded", TestModels.Identity(new TestTensor("x", TensorElementType.Int32, 2)));
        await app.WithoutStoreAsync(async () =>
        {
            var (loaded, _) = await app.InferAsync("loaded", Request);
            var (unknown, body) = await app.InferAsync("unknown", Request);

            // What the store said a moment ago is still believed.
            while (unknown == 404)
            {
                await Task.Delay(50);
                (unknown, body) = await app.InferAsync("unknown", Request);
            }

            Assert.Equal(200, loaded);
            Assert.Equal(503, unknown);
            Assert.Contains("store does not answer", body.GetProperty("error").GetString(), StringComparison.Ordinal);
        });

        await app.Storage.CreateAsync();
        await app.Repository.RefreshAsync(CancellationToken.None);
        Assert.True(app.Repository.IsReady);
    }
}
