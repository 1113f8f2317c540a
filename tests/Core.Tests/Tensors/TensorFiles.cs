using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Tensors;

namespace Serverless.Core.Tests.Tensors;

/// <summary>Random files: tensors of every type and shape, metadata with any text.</summary>
internal static class TensorFiles
{
    private static readonly TensorType[] WholeBytes = [.. Enum.GetValues<TensorType>().Where(type => type.Bits() % 8 == 0)];

    public static Arbitrary<(SafetensorsTensor[] Tensors, Dictionary<string, string> Metadata)> Files { get; } = Arb.From(
        from count in Gen.Choose(0, 5)
        from tensors in Gen.ArrayOf(Tensor(), count)
        from keys in Gen.ListOf(ArbMap.Default.GeneratorFor<NonNull<string>>())
        select (tensors.DistinctBy(tensor => tensor.Name).ToArray(), keys.DistinctBy(key => key.Get).ToDictionary(key => Valid(key.Get), key => $"<{Valid(key.Get)}>")));

    public static byte[] ToBytes(IReadOnlyList<SafetensorsTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        using var stream = SafetensorsWriter.OpenRead(tensors, metadata);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public static byte[] File(string header, int dataBytes)
    {
        var json = System.Text.Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[dataBytes]];
    }

    // Half a surrogate pair cannot be written as UTF-8.
    private static string Valid(string text) => System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));

    private static Gen<SafetensorsTensor> Tensor() =>
        from name in ArbMap.Default.GeneratorFor<NonEmptyString>()
        from type in Gen.Elements(WholeBytes)
        from shape in Gen.ListOf(Gen.Choose(0, 4).Select(dimension => (long)dimension)).Resize(3)
        from asFloats in Gen.Elements(true, false)
        from fill in Gen.Choose(0, 255)
        let elements = (int)shape.Aggregate(1L, (product, dimension) => product * dimension)
        select asFloats
            ? new SafetensorsTensor(Valid(name.Get), [.. shape], Enumerable.Range(0, elements).Select(i => (i * 0.5f) - fill).ToArray())
            : new SafetensorsTensor(Valid(name.Get), type, [.. shape], Enumerable.Range(0, elements * type.Bytes()).Select(i => (byte)(i + fill)).ToArray());
}
