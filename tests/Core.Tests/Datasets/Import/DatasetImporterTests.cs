using Serverless.Core.Datasets;
using Serverless.Core.Datasets.Import;
using Serverless.Core.Tests.Storage;
using Serverless.Core.Validation;
using Serverless.Testing;

namespace Serverless.Core.Tests.Datasets.Import;

[Collection(AzuriteCollection.Name)]
public sealed class DatasetImporterTests(AzuriteServer azurite) : ImportTests(azurite)
{
    [Fact]
    public async Task Import_SameFilesAgain_ChangesNothing()
    {
        var options = Numbers(1000);
        var first = await ImportAsync(options);
        var before = await BlobsAsync();
        var written = (await Storage.Datasets.GetBlobClient(DatasetBlobs.Manifest(Name, "train")).GetPropertiesAsync()).Value.ETag;
        var again = await ImportAsync(options);
        Assert.Equal(ImportOutcome.Unchanged, again.Outcome);
        Assert.Equal(first.Train.Sha256, again.Train.Sha256);
        Assert.Equal(before, await BlobsAsync());
        Assert.Equal(written, (await Storage.Datasets.GetBlobClient(DatasetBlobs.Manifest(Name, "train")).GetPropertiesAsync()).Value.ETag);
    }

    [Fact]
    public async Task Import_OtherContentUnderTheSameName_IsRefusedAndLeavesNothing()
    {
        var first = await ImportAsync(Numbers(1000));
        var before = await BlobsAsync();
        var exception = await Assert.ThrowsAsync<ValidationException>(() => ImportAsync(Numbers(1001)));
        Assert.Equal("name", Assert.Single(exception.Errors).Field);
        Assert.Equal(before, await BlobsAsync());
        Assert.Equal(first.Train.Sha256, (await Store.GetManifestAsync(Name, DatasetSplits.Train)).Sha256);
    }

    [Fact]
    public async Task Import_OverwriteWhileAJobReads_LeavesTheJobItsData()
    {
        var old = await ImportAsync(Numbers(1000));
        using var reader = Store.OpenReader(old.Train);
        (await reader.GetPartAsync(0)).Dispose();
        var replaced = await ImportAsync(Numbers(1500) with { Overwrite = true });
        Assert.Equal(ImportOutcome.Replaced, replaced.Outcome);

        // Parts the job has not read yet, and the manifests it was planned with.
        (await reader.GetPartAsync(1)).Dispose();
        var train = await Store.GetManifestAsync(Name, DatasetSplits.Train, old.Train.Sha256);
        Assert.Equal(old.Train.Rows, train.Rows);
        var test = await Store.GetManifestAsync(Name, DatasetSplits.Test, train.Test!.ManifestSha256);
        Assert.Equal(old.Test!.Rows, test.Rows);
        await RowsAsync(test);

        Assert.Equal(1500, (await Store.GetManifestAsync(Name, DatasetSplits.Train)).Rows);
        Assert.Equal(replaced.Test!.Sha256, (await Store.GetManifestAsync(Name, DatasetSplits.Test)).Sha256);
        Assert.Equal(replaced.Baseline.ToJson(), (await Store.GetBaselineAsync(replaced.Train)).ToJson());
    }

    [Fact]
    public async Task Import_StoppedHalfway_DeletesWhatItWrote()
    {
        using var stop = new CancellationTokenSource();
        var progress = new StopAfter(stop, ImportStage.Writing, rows: 20_000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new DatasetImporter(Store).ImportAsync(Numbers(40_000), progress, stop.Token));
        Assert.True(progress.Stopped);
        Assert.Empty(await BlobsAsync());
        Assert.False(await Store.ExistsAsync(Name));
    }

    [Fact]
    public async Task Import_SeveralAtOnce_OneCreatesTheOthersAgree()
    {
        var options = Numbers(3000);
        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ImportAsync(options)));
        Assert.Single(results, result => result.Outcome == ImportOutcome.Created);
        Assert.Single(results.Select(result => result.Train.Sha256).Distinct());
        Assert.Equal(3000, (await RowsAsync(results[0].Train)).Count);
    }

    [Fact]
    public async Task Import_SmallParts_EveryRowIsThereOnceInAnotherOrder()
    {
        var result = await ImportAsync(Numbers(5000));
        Assert.InRange(result.Train.Parts.Count, 10, 100);
        Assert.All(result.Train.Parts, part => Assert.InRange(part.Bytes, 1, ImportOptions.MinPartBytes));
        var numbers = (await FloatsAsync(result.Train)).Select(features => (int)features[0]).ToArray();
        Assert.NotEqual(Enumerable.Range(0, 5000), numbers);
        Assert.Equal(Enumerable.Range(0, 5000), numbers.Order());
        Assert.Equal(Enumerable.Range(0, 10), (await FloatsAsync(result.Test!)).Select(features => (int)features[0]));

        var other = await ImportAsync(Numbers(5000) with { Seed = 1, Overwrite = true });
        Assert.NotEqual(numbers, (await FloatsAsync(other.Train)).Select(features => (int)features[0]));
    }

    [Fact]
    public async Task Import_Progress_GoesThroughBothStagesOfBothSplits()
    {
        var reports = new List<ImportProgress>();
        await new DatasetImporter(Store).ImportAsync(Numbers(1000), new Collector(reports));
        Assert.Equal(
            [("train", ImportStage.Reading, 1000), ("test", ImportStage.Reading, 10), ("test", ImportStage.Writing, 10), ("train", ImportStage.Writing, 1000)],
            reports.Select(report => (report.Split, report.Stage, (int)report.Rows)));
        Assert.All(reports, report => Assert.Equal(report.Rows, report.TotalRows));
    }

    [Fact]
    public async Task GetManifest_MisspeltName_SuggestsTheRightOne()
    {
        await ImportAsync(Numbers(10));
        var exception = await Assert.ThrowsAsync<ValidationException>(() => Store.GetManifestAsync($"{Name}x", DatasetSplits.Train));
        Assert.Contains($"'{Name}x' does not exist; did you mean \"{Name}\"?; there are ", exception.Message, StringComparison.Ordinal);
        Assert.Equal("dataset", Assert.Single(exception.Errors).Field);
        await Assert.ThrowsAsync<ValidationException>(() => Store.GetManifestAsync("../jobs", DatasetSplits.Train));
        await Assert.ThrowsAsync<ValidationException>(() => Store.GetManifestAsync(Name, DatasetSplits.Train, new string('a', 64)));
    }

    [Fact]
    public async Task GetManifest_NoTestSplit_SaysSo()
    {
        await ImportAsync(Csv("1,2,a\n3,4,b\n"));
        Assert.Null(await Store.TryGetManifestAsync(Name, DatasetSplits.Test));
        var exception = await Assert.ThrowsAsync<ValidationException>(() => Store.GetManifestAsync(Name, DatasetSplits.Test));
        Assert.Contains($"'{Name}' has no test split", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetManifest_DamagedBlob_IsInvalidData()
    {
        await ImportAsync(Csv("1,2,a\n3,4,b\n"));
        var blob = Storage.Datasets.GetBlobClient(DatasetBlobs.Manifest(Name, DatasetSplits.Train));
        await blob.UploadAsync(BinaryData.FromString("{\"format\":1"), overwrite: true);
        await Assert.ThrowsAsync<InvalidDataException>(() => Store.GetManifestAsync(Name, DatasetSplits.Train));
        await blob.DeleteAsync();
    }

    [Fact]
    public async Task List_Datasets_GivesThoseThatAreComplete()
    {
        await ImportAsync(Csv("1,2,a\n3,4,b\n"));
        await Storage.Datasets.GetBlobClient($"{Name}-half/train/part-00000-0123456789abcdef").UploadAsync(BinaryData.FromString("x"), overwrite: true);
        var names = new List<string>();
        await foreach (var manifest in Store.ListAsync())
        {
            names.Add(manifest.Name);
        }

        Assert.Contains(Name, names);
        Assert.DoesNotContain($"{Name}-half", names);
    }

    // The only feature is the number of the row.
    private ImportOptions Numbers(int rows) => Csv(
        string.Concat(Enumerable.Range(0, rows).Select(i => $"{i},{i % 3}\n")),
        string.Concat(Enumerable.Range(0, 10).Select(i => $"{i},{i % 3}\n"))) with { PartBytes = ImportOptions.MinPartBytes };

    private sealed class Collector(List<ImportProgress> reports) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => reports.Add(value);
    }

    private sealed class StopAfter(CancellationTokenSource stop, ImportStage stage, long rows) : IProgress<ImportProgress>
    {
        public bool Stopped { get; private set; }

        public void Report(ImportProgress value)
        {
            if (value.Stage == stage && value.Rows >= rows)
            {
                Stopped = true;
                stop.Cancel();
            }
        }
    }
}
