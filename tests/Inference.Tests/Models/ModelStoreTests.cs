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
    [InlineData("digits/012/config.json", false)]
    [InlineData("digits/0/config.json", false)]
    [InlineData("digits/1/model.onnx", false)]
    [InlineData("digits/1/x/config.json", false)]
    [InlineData("Digits/1/config.json", false)]
    [InlineData("digits/99999999999/config.json", false)]
    public void TryParseConfig_Path_IsOnlyWhatTheStoreWrites(string path, bool expected) => Assert.Equal(expected, ModelBlobs.TryParseConfig(path, out _, out _));
}
