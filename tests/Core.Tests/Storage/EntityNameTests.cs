using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Storage;

public sealed class EntityNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("fashion-mnist")]
    [InlineData("20261120-183000-x7k2m9q4")]
    public void IsValid_Name_IsTrue(string name) => Assert.True(EntityName.IsValid(name));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("A")]
    [InlineData("a_b")]
    [InlineData("a.b")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a%2fb")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("é")]
    public void IsValid_AnythingElse_IsFalse(string? name) => Assert.False(EntityName.IsValid(name));

    [Fact]
    public void IsValid_Length_IsAtMost63()
    {
        Assert.True(EntityName.IsValid(new string('a', 63)));
        Assert.False(EntityName.IsValid(new string('a', 64)));
    }

    [Fact]
    public void Validate_Illegal_NamesFieldValueAndRule()
    {
        var error = Assert.Single(Assert.Throws<ValidationException>(() => EntityName.Validate("a/b", "publish.model")).Errors);

        Assert.Equal("publish.model", error.Field);
        Assert.Contains("a/b", error.Message, StringComparison.Ordinal);
        Assert.Contains(EntityName.Rule, error.Message, StringComparison.Ordinal);
    }
}
