using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.Inference.Tests.Models;

[Collection(InferenceCollection.Name)]
public sealed class ModelStoreTests(InferenceApp app)
{
    [Fact]
    public async Task ClaimVersion_SameJobAgain_GivesTheSameVersion()
    {
        var first = await app.Store.ClaimVersionAsync("claims", "job-a");
        var other = await app.Store.ClaimVersionAsync("claims", "job-b");
        var again = await app.Store.ClaimVersionAsync("claims", "job-a");

        Assert.Equal([1, 2, 1], [first, other, again]);
    }

    [Fact]
    public async Task ClaimVersion_ManyJobsAtOnceEachTwice_GivesEachOneNumberWithoutGaps()
    {
        var claims = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => app.Store.ClaimVersionAsync("races", $"job-{i % 8}")));

        Assert.Equal(Enumerable.Range(1, 8), claims.Distinct().Order());
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(claims[i], claims[i + 8]));
    }

    [Fact]
    public async Task Write_CompleteVersionAgain_ChangesNothing()
    {
        byte[] onnx = [1, 2, 3];
        await app.Store.WriteAsync(InferenceApp.Config("rewrites", 1, onnx), InferenceApp.Files(onnx));
        await app.Store.WriteAsync(InferenceApp.Config("rewrites", 1, [4]), InferenceApp.Files([4]));

        var config = await app.Store.TryGetConfigAsync("rewrites", 1);

        Assert.Equal(3, config!.Bytes);
        Assert.Equal(onnx, await app.Store.ReadOnnxAsync(config));
    }

    [Theory]
    [InlineData("../jobs")]
    [InlineData("Upper")]
    [InlineData("")]
    public async Task ClaimVersion_IllegalName_IsRefused(string name) =>
        await Assert.ThrowsAsync<ValidationException>(() => app.Store.ClaimVersionAsync(name, "job"));

    [Theory]
    [InlineData("digits/12/config.json", true)]
    [InlineData("ResNet50_v2.1/1/model.onnx", true)]
    [InlineData("digits/1/weights/part-0", true)]
    [InlineData("digits/012/config.json", false)]
    [InlineData("digits/0/config.json", false)]
    [InlineData("digits/1/", false)]
    [InlineData("digits/config.json", false)]
    [InlineData(".digits/1/config.json", false)]
    [InlineData("stats/1/model.onnx", false)]
    [InlineData("digits/99999999999/config.json", false)]
    public void TryParseVersionFile_Path_NeedsAModelAVersionAndAFile(string path, bool expected) =>
        Assert.Equal(expected, ModelBlobs.TryParseVersionFile(path, out _, out _, out _));

    [Theory]
    [InlineData("digits/config.json", true)]
    [InlineData("digits/1/config.json", false)]
    [InlineData("config.json", false)]
    [InlineData("/config.json", false)]
    public void TryParseServingConfig_Path_IsDirectlyUnderTheModel(string path, bool expected) => Assert.Equal(expected, ModelBlobs.TryParseServingConfig(path, out _));

    [Fact]
    public async Task ClaimVersion_NumberThatSomebodyPutAModelUnder_IsLeftAlone()
    {
        await app.Storage.Models.GetBlobClient(ModelBlobs.Onnx("placed", 3)).UploadAsync(BinaryData.FromBytes(new byte[] { 1 }));

        Assert.Equal(4, await app.Store.ClaimVersionAsync("placed", "job"));
    }
}
