using System.Runtime.InteropServices;
using Serverless.Cli.Api;
using Serverless.Cli.Predictions;
using Serverless.Core.Validation;

namespace Serverless.Cli.Tests.Predictions;

public sealed class ImageRowsTests : IDisposable
{
    // 2x2 pixels: red, green; blue, white. Written by hand: signature, IHDR, IDAT of an uncompressed block, IEND.
    private const string Colours =
        "89504E470D0A1A0A0000000D4948445200000002000000020802000000FDD49A730000001949444154780101" +
        "0E00F1FF00FF000000FF00000000FFFFFFFF1FEE05FBDEDDEC2B0000000049454E44AE426082";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void For_ChannelsFirst_GivesPlaneAfterPlane()
    {
        var rows = Image().For(new TensorDescription("input", "UINT8", [-1, 3, 2, 2]));

        Assert.Equal(1, rows.Count);
        Assert.Equal([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], rows.Bytes.ToArray());
    }

    [Fact]
    public void For_ChannelsLastOfAnySize_GivesPixelAfterPixel()
    {
        var rows = Image().For(new TensorDescription("input", "FP32", [-1, -1, -1, 3]));

        Assert.Equal([255f, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], MemoryMarshal.Cast<byte, float>(rows.Bytes.Span).ToArray());
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1)]
    public void For_OneGreyPixel_GivesTheMeanBrightness(params int[] row)
    {
        var rows = Image().For(new TensorDescription("input", "UINT8", [-1, .. row.Select(dimension => (long)dimension)]));

        // Of 77, 150, 28 and 255, by the usual weights of red, green and blue.
        Assert.InRange(Assert.Single(rows.Bytes.ToArray()), 125, 130);
    }

    [Fact]
    public void For_TwoImages_GivesARowEach()
    {
        var path = Write("a.png", Convert.FromHexString(Colours));

        var rows = InputFiles.Read([path, path]).For(new TensorDescription("input", "UINT8", [-1, 1, 28, 28]));

        Assert.Equal((2, 2 * 784), (rows.Count, rows.Bytes.Length));
    }

    [Fact]
    public void Resize_LargerAndBack_KeepsASmoothPicture()
    {
        float[] picture = [0, 50, 100, 150, 0, 50, 100, 150, 0, 50, 100, 150];

        var back = ImageScaling.Resize(ImageScaling.Resize(picture, 4, 3, 16, 9), 16, 9, 4, 3);

        Assert.All(picture.Zip(back), pair => Assert.InRange(pair.Second, pair.First - 20, pair.First + 20));
        Assert.Same(picture, ImageScaling.Resize(picture, 4, 3, 4, 3));
    }

    [Fact]
    public void For_InputThatIsNoImage_SaysWhichAre()
    {
        var failure = Assert.Throws<ValidationException>(() => Image().For(new TensorDescription("input", "FP32", [-1, 7])));

        Assert.Contains("[-1, 7]", failure.Errors[0].Message, StringComparison.Ordinal);
        Assert.Contains("channels", failure.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void For_FileThatIsNoImage_NamesIt()
    {
        var question = InputFiles.Read([Write("broken.jpg", "not an image"u8.ToArray())]);

        var failure = Assert.Throws<ValidationException>(() => question.For(new TensorDescription("input", "UINT8", [-1, 1, 28, 28])));

        Assert.Contains("broken.jpg", failure.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SeveralFilesThatAreNotAllImages_NamesTheOther()
    {
        var failure = Assert.Throws<ValidationException>(() => InputFiles.Read(["a.png", "rows.csv"]));

        Assert.Contains("rows.csv", failure.Errors[0].Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private IQuestion Image() => InputFiles.Read([Write("image.png", Convert.FromHexString(Colours))]);

    private string Write(string name, byte[] content)
    {
        File.WriteAllBytes(_folder.File(name), content);
        return _folder.File(name);
    }
}
