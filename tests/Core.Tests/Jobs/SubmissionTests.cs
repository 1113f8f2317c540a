using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Jobs;

public sealed class SubmissionTests
{
    [Fact]
    public void Parse_Hint_GivesTheJob()
    {
        var submission = Submission.Parse(new JobMessage("20261120-183000-x7k2m9q4").ToBinaryData());

        Assert.Equal(new Submission("20261120-183000-x7k2m9q4", null), submission);
    }

    [Fact]
    public void Parse_Spec_GivesTheSpec()
    {
        var submission = Submission.Parse(new BinaryData(SampleJobs.Spec().ToJson()));

        Assert.Null(submission.Job);
        Assert.Equal(SampleJobs.Spec(), submission.Spec);
    }

    [Theory]
    [InlineData("""{"job": "../x"}""", "job")]
    [InlineData("""{"job": 3}""", "job")]
    [InlineData("""{"job": "20261120-183000-x7k2m9q4", "shard": 1}""", "shard")]
    [InlineData("""{"epochs": 1}""", "dataset")]
    [InlineData("nonsense", "")]
    public void Parse_Neither_NamesTheField(string message, string field) =>
        Assert.Contains(Assert.Throws<ValidationException>(() => Submission.Parse(BinaryData.FromString(message))).Errors, error => error.Field == field);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"job\":\"a\"}")]
    public void Parse_MessageThatLacksAField_SaysSo(string message) =>
        Assert.Throws<InvalidDataException>(() => ShardMessage.Parse(BinaryData.FromString(message)));

    [Fact]
    public void Parse_ShardMessage_GivesItBack() =>
        Assert.Equal(new ShardMessage("a", 3), ShardMessage.Parse(new ShardMessage("a", 3).ToBinaryData()));
}
