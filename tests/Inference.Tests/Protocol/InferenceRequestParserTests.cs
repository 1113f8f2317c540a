using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Protocol;

public sealed class InferenceRequestParserTests
{
    [Fact]
    public void Parse_AnyTensorFlatOrNestedInAnyPieces_GivesItsElementsInOrder() =>
        Prop.ForAll(Arb.From(Tensors()), tensor =>
        {
            var (shape, nested, piece) = tensor;
            var signature = new ModelSignature([new TensorSignature("x", Datatype.Fp32, [-1, .. shape.Skip(1).Select(dimension => (long)dimension)])], []);
            var elements = Enumerable.Range(0, shape.Aggregate(1, (product, dimension) => product * dimension)).Select(i => (i * 0.37f) - 5).ToArray();
            var data = nested ? Nest(elements, shape) : $"[{string.Join(",", elements.Select(Text))}]";
            var json = Encoding.UTF8.GetBytes($$$"""{"inputs":[{"data":{{{data}}},"name":"x","shape":[{{{string.Join(",", shape)}}}],"datatype":"FP32"}]}""");

            using var request = InferenceRequestParser.Parse(Pieces(json, piece), signature, new InferenceOptions(), 1024, new TensorPool());

            return MemoryMarshal.Cast<byte, float>(request.Inputs[0].Buffer!.Bytes).SequenceEqual(elements);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Parse_RefusedRequest_GivesItsMemoryBack()
    {
        var pool = new TensorPool();
        var signature = new ModelSignature([new TensorSignature("x", Datatype.UInt8, -1)], []);
        var json = """{"inputs":[{"name":"x","shape":[3],"datatype":"UINT8","data":[1,2,3]}],"outputs":7}"""u8.ToArray();

        Assert.Throws<ProtocolException>(() => InferenceRequestParser.Parse(new ReadOnlySequence<byte>(json), signature, new InferenceOptions(), 0, pool));

        Assert.Equal(1024, pool.Retained);
    }

    private static Gen<(int[] Shape, bool Nested, int Piece)> Tensors() =>
        from rank in Gen.Choose(1, 4)
        from shape in Gen.Choose(1, 5).ArrayOf(rank)
        from nested in Gen.Elements(true, false)
        from piece in Gen.Choose(1, 50)
        select (shape, nested, piece);

    private static string Nest(ReadOnlySpan<float> elements, ReadOnlySpan<int> shape)
    {
        var text = new StringBuilder("[");
        var size = elements.Length / shape[0];
        for (var i = 0; i < shape[0]; i++)
        {
            text.Append(i > 0 ? "," : "").Append(shape.Length == 1 ? Text(elements[i]) : Nest(elements.Slice(i * size, size), shape[1..]));
        }

        return text.Append(']').ToString();
    }

    private static string Text(float element) => element.ToString("r", CultureInfo.InvariantCulture);

    private static ReadOnlySequence<byte> Pieces(byte[] bytes, int size)
    {
        var first = new Piece(bytes.AsMemory(0, Math.Min(size, bytes.Length)), null);
        var last = first;
        for (var at = size; at < bytes.Length; at += size)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            RunningIndex = before is null ? 0 : before.RunningIndex + before.Memory.Length;
            before?.Follow(this);
        }

        private void Follow(Piece next) => Next = next;
    }
}
