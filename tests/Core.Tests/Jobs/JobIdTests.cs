using Serverless.Core.Jobs;
using Serverless.Core.Storage;

namespace Serverless.Core.Tests.Jobs;

public sealed class JobIdTests
{
    private static readonly DateTimeOffset Evening = new(2026, 11, 20, 19, 30, 0, TimeSpan.FromHours(1));

    [Fact]
    public void New_Always_IsAnIdWithTheTimeInUtcAndAName()
    {
        var job = JobId.New(Evening);

        Assert.StartsWith("20261120-183000-", job, StringComparison.Ordinal);
        Assert.True(JobId.IsValid(job));
        Assert.True(EntityName.IsValid(job));
        Assert.NotEqual(job, JobId.New(Evening));
    }

    [Fact]
    public void FromMessage_SameMessage_IsTheSameId()
    {
        var job = JobId.FromMessage(Evening, "5974b586-0df3-4e2d-ad0c-18e3892bfca2");

        Assert.True(JobId.IsValid(job));
        Assert.Equal(job, JobId.FromMessage(Evening, "5974b586-0df3-4e2d-ad0c-18e3892bfca2"));
        Assert.NotEqual(job, JobId.FromMessage(Evening, "5974b586-0df3-4e2d-ad0c-18e3892bfca3"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("20261120-183000")]
    [InlineData("20261120-183000-x7k2m9q")]
    [InlineData("20261320-183000-x7k2m9q4")]
    [InlineData("20261120-183000-x7k2m9Q4")]
    [InlineData("20261120-183000-x7k2/9q4")]
    [InlineData("20261120-183000-x7k2m9q44")]
    public void IsValid_AnythingElse_IsFalse(string? job) => Assert.False(JobId.IsValid(job));

    [Fact]
    public void NewestKey_OlderAndNewer_SortsTheNewerFirst()
    {
        string[] jobs = ["20251231-235959-aaaaaaaa", "20261120-183000-bbbbbbbb", "20261120-183001-aaaaaaaa", "20270101-000000-zzzzzzzz"];

        var keys = jobs.Select(JobId.NewestKey).Order(StringComparer.Ordinal);

        Assert.Equal(jobs.Reverse(), keys.Select(JobId.FromNewestKey));
    }
}
