using Serverless.Core.Randomness;

namespace Serverless.Core.Tests.Randomness;

public sealed class Philox4x32Tests
{
    // The known answers that the authors publish with their library Random123.
    [Theory]
    [InlineData(0UL, 0UL, 0UL, new[] { 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u })]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, new[] { 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu })]
    [InlineData(0x299f31d0a4093822UL, 0x85a308d3243f6a88UL, 0x0370734413198a2eUL, new[] { 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u })]
    public void Fill_KnownCounters_GivesTheAuthorsAnswers(ulong key, ulong index, ulong stream, uint[] expected)
    {
        uint[] words = new uint[4];
        new Philox4x32(key).Fill(index, stream, words);
        Assert.Equal(expected, words);
    }
}
