using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Validation;

public sealed class SuggestionTests
{
    private static readonly string[] Words = ["kernel", "stride", "padding", "groups", "bias", "maxPool2d"];

    [Theory]
    [InlineData("kernal", "kernel")]
    [InlineData("Kernel", "kernel")]
    [InlineData("strdie", "stride")]
    [InlineData("pading", "padding")]
    [InlineData("maxpool", "maxPool2d")]
    [InlineData("maxPool2D", "maxPool2d")]
    public void For_Misspelling_FindsTheWordThatWasMeant(string word, string expected) => Assert.Equal(expected, Suggestion.For(word, Words));

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("dilation")]
    public void For_SomethingElse_FindsNothing(string word) => Assert.Null(Suggestion.For(word, Words));

    [Fact]
    public void For_HugeWord_FindsNothingQuickly() => Assert.Null(Suggestion.For(new string('k', 10_000_000), Words));
}
