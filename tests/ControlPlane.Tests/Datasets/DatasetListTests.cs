namespace Serverless.ControlPlane.Tests.Datasets;

[Collection(ControlPlaneCollection.Name)]
public sealed class DatasetListTests(ControlPlaneApp app)
{
    [Fact]
    public async Task ListDatasets_Imported_TellsWhatAJobNeedsToKnow()
    {
        var (status, body) = await app.GetAsync("api/datasets");

        Assert.Equal(200, status);
        Assert.Equal(
            $$"""[{"name":"shapes","rows":40,"testRows":12,"shape":[4],"type":"float32","classes":["0","1","2"],"sha256":"{{app.Train.Sha256}}"}]""",
            body.GetProperty("datasets").GetRawText());
    }
}
