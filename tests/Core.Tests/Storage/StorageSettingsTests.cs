using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Storage;

public sealed class StorageSettingsTests
{
    [Fact]
    public void From_ConnectionString_IsTakenBeforeAnythingElse()
    {
        var settings = From(("AzureWebJobsStorage", "UseDevelopmentStorage=true"), ("AzureWebJobsStorage__accountName", "other"));

        Assert.Equal(new StorageSettings { ConnectionString = "UseDevelopmentStorage=true" }, settings);
    }

    [Fact]
    public void From_AccountNameAndIdentity_GivesItsAddresses()
    {
        var settings = From(
            ("AzureWebJobsStorage__accountName", "acc"), ("AzureWebJobsStorage__credential", "managedidentity"), ("AzureWebJobsStorage__clientId", "id"));

        Assert.Equal("https://acc.blob.core.windows.net/", settings.BlobServiceUri!.ToString());
        Assert.Equal("https://acc.queue.core.windows.net/", settings.QueueServiceUri!.ToString());
        Assert.Equal((true, "id"), (settings.ManagedIdentity, settings.ClientId));
    }

    [Fact]
    public void From_ServiceAddresses_AreTaken()
    {
        var settings = From(("AzureWebJobsStorage__blobServiceUri", "https://b.example"), ("AzureWebJobsStorage__queueServiceUri", "https://q.example"));

        Assert.Equal(("https://b.example/", "https://q.example/"), (settings.BlobServiceUri!.ToString(), settings.QueueServiceUri!.ToString()));
    }

    [Fact]
    public void From_Nothing_SaysWhatIsNeeded()
    {
        var error = Assert.Single(Assert.Throws<ValidationException>(() => From()).Errors);

        Assert.Equal("AzureWebJobsStorage", error.Field);
        Assert.Contains("UseDevelopmentStorage=true", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_AddressThatIsNone_NamesTheSetting()
    {
        var error = Assert.Single(Assert.Throws<ValidationException>(() => From(("AzureWebJobsStorage__blobServiceUri", "file:///etc/passwd"))).Errors);

        Assert.Equal("AzureWebJobsStorage__blobServiceUri", error.Field);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AccountName=a;AccountKey=not base64!;BlobEndpoint=http://127.0.0.1:1/a;QueueEndpoint=http://127.0.0.1:2/a")]
    public void Connect_MalformedConnectionString_IsAValidationErrorWithoutTheValue(string connection)
    {
        var error = Assert.Throws<ValidationException>(() => ServerlessStorage.Connect(connection));

        Assert.DoesNotContain("not base64!", error.Message, StringComparison.Ordinal);
    }

    private static StorageSettings From(params (string Name, string Value)[] settings) =>
        StorageSettings.From(name => settings.FirstOrDefault(setting => setting.Name == name).Value);
}
