using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

[Collection(InferenceCollection.Name)]
public sealed class ClassificationTests(InferenceApp app)
{
    [Fact]
    public async Task Infer_RowsOfValues_GiveALineOfBestClassesForEachRow()
    {
        await app.PublishAsync("classes-rows", TestModels.Identity(new TestTensor("x", TensorElementType.Float, -1, 4)));

        var (status, body) = await app.InferAsync("classes-rows", """
            {"inputs":[{"name":"x","shape":[2,4],"datatype":"FP32","data":[1.5,5,10,4,0.25,-1,0.25,-2]}],"outputs":[{"name":"x_out","parameters":{"classification":3}}]}
            """);

        Assert.Equal(200, status);
        Assert.Equal(
            """{"name":"x_out","datatype":"BYTES","shape":[2,3],"data":["10:2","5:1","4:3","0.25:0","0.25:2","-1:1"]}""", body.GetProperty("outputs")[0].GetRawText());
    }

    [Fact]
    public async Task Infer_MoreClassesThanThereAreInBinary_GivesAllOfThem()
    {
        await app.PublishAsync("classes-flat", TestModels.Identity(new TestTensor("x", TensorElementType.Int64, 2)));

        using var answer = await app.PostAsync(
            "classes-flat",
            """{"inputs":[{"name":"x","shape":[2],"datatype":"INT64","data":[-7,9]}],"outputs":[{"name":"x_out","parameters":{"classification":2000000000,"binary_data":true}}]}"""u8.ToArray(),
            null);

        ReadOnlySpan<byte> elements = await InferenceApp.TensorsAsync(answer);
        Assert.Equal("9:1", Encoding.UTF8.GetString(BytesTensor.Next(ref elements)));
        Assert.Equal("-7:0", Encoding.UTF8.GetString(BytesTensor.Next(ref elements)));
        Assert.Equal(0, elements.Length);
    }

    [Fact]
    public void Best_LabelsOfAllClasses_AreAppended()
    {
        var (elements, shape) = Classification.Best(new TensorSignature("y", Datatype.UInt8, 3), [3], [1, 3, 2], 2, ["shirt", "Ankle boot", "ü"]);

        Assert.Equal([2], shape);
        Assert.Equal(["3:1:Ankle boot", "2:2:ü"], Read(elements));
    }

    [Theory]
    [InlineData(Datatype.Fp16, new byte[] { 0, 60, 0, 64 }, "2:1")]
    [InlineData(Datatype.Bf16, new byte[] { 0, 64, 128, 63 }, "2:0")]
    [InlineData(Datatype.Fp32, new byte[] { 0, 0, 192, 127, 0, 0, 0, 0 }, "0:1")]
    [InlineData(Datatype.UInt64, new byte[] { 255, 255, 255, 255, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0 }, "18446744073709551615:0")]
    public void Best_OtherDatatypes_AreComparedByTheirOwnOrder(Datatype datatype, byte[] bytes, string best) =>
        Assert.Equal([best], Read(Classification.Best(new TensorSignature("y", datatype, 2), [2], bytes, 1, []).Elements));

    [Fact]
    public void Best_ManyValues_AreTheSameAsSorted()
    {
        var random = new Random(7);
        var values = Enumerable.Range(0, 500).Select(_ => random.Next(100)).ToArray();

        var (elements, _) = Classification.Best(
            new TensorSignature("y", Datatype.Int32, 500), [500], System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(values), 100, []);

        Assert.Equal(
            values.Select((value, index) => (value, index)).OrderByDescending(pair => pair.value).ThenBy(pair => pair.index).Take(100)
                .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.value}:{pair.index}")),
            Read(elements));
    }

    private static List<string> Read(ReadOnlyMemory<byte> elements)
    {
        var read = new List<string>();
        for (var rest = elements.Span; rest.Length > 0;)
        {
            read.Add(Encoding.UTF8.GetString(BytesTensor.Next(ref rest)));
        }

        return read;
    }
}
