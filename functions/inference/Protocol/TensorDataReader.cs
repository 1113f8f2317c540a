using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Serverless.Inference.Protocol;

/// <summary>Reads a JSON array of elements, flat or nested as the shape says, into a tensor's memory.</summary>
internal static class TensorDataReader
{
    private const int MaxElementInMessage = 40;

    /// <summary>Reads the array that follows in <paramref name="reader"/> and leaves the reader at its end.</summary>
    /// <exception cref="ProtocolException">400: not an array, too many or too few elements, nesting that is not the shape's, an element outside its type.</exception>
    public static void Read(ref Utf8JsonReader reader, InferenceInput input, Span<byte> into)
    {
        switch (input.Signature.Datatype)
        {
            case Datatype.Bool:
                ReadArray<bool>(ref reader, input, into);
                break;
            case Datatype.UInt8:
                ReadArray<byte>(ref reader, input, into);
                break;
            case Datatype.UInt16:
                ReadArray<ushort>(ref reader, input, into);
                break;
            case Datatype.UInt32:
                ReadArray<uint>(ref reader, input, into);
                break;
            case Datatype.UInt64:
                ReadArray<ulong>(ref reader, input, into);
                break;
            case Datatype.Int8:
                ReadArray<sbyte>(ref reader, input, into);
                break;
            case Datatype.Int16:
                ReadArray<short>(ref reader, input, into);
                break;
            case Datatype.Int32:
                ReadArray<int>(ref reader, input, into);
                break;
            case Datatype.Int64:
                ReadArray<long>(ref reader, input, into);
                break;
            case Datatype.Fp32:
                ReadArray<float>(ref reader, input, into);
                break;
            case Datatype.Fp64:
                ReadArray<double>(ref reader, input, into);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(input), input.Signature.Datatype, "This datatype has no form in JSON that is read here.");
        }
    }

    /// <summary>Reads the array of strings that follows as <see cref="BytesTensor"/> says, leaves the reader at its end and returns how many bytes were written.</summary>
    /// <param name="reader">Stands before the array.</param>
    /// <param name="input">The input, of <see cref="Datatype.Bytes"/>.</param>
    /// <param name="into">Room for the length of every element and for the array's text.</param>
    /// <exception cref="ProtocolException">400: not an array, too many or too few elements, nesting that is not the shape's, an element that is no string.</exception>
    /// <exception cref="InvalidOperationException">A string is not valid UTF-8.</exception>
    public static int ReadText(ref Utf8JsonReader reader, InferenceInput input, Span<byte> into)
    {
        var sink = new TextSink(into);
        ReadArray(ref reader, input, ref sink);
        return sink.Written;
    }

    private static void ReadArray<T>(ref Utf8JsonReader reader, InferenceInput input, Span<byte> bytes)
        where T : unmanaged
    {
        var sink = new NumberSink<T>(MemoryMarshal.Cast<byte, T>(bytes));
        ReadArray(ref reader, input, ref sink);
    }

    private static void ReadArray<TSink>(ref Utf8JsonReader reader, InferenceInput input, ref TSink sink)
        where TSink : struct, IElementSink, allows ref struct
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw ProtocolException.BadRequest(
                $"Input '{input.Signature.Name}': data must be an array, given {JsonTokens.Describe(in reader, MaxElementInMessage)}.");
        }

        ReadOnlySpan<long> flat = [input.Elements];
        reader.Read();
        var shape = reader.TokenType == JsonTokenType.StartArray && input.Shape.Length > 1 ? input.Shape : flat;

        // counts[depth] is how many children the open array at that depth has had.
        Span<long> counts = stackalloc long[shape.Length];
        counts.Clear();
        var depth = 0;
        var filled = 0;
        for (; ; reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.EndArray when counts[depth] == shape[depth]:
                    if (depth == 0)
                    {
                        return;
                    }

                    depth--;
                    break;
                case JsonTokenType.EndArray:
                    throw WrongCount(input, depth, counts[depth], shape, "only ");
                case JsonTokenType.StartArray when depth + 1 < shape.Length:
                    Count(input, counts, depth, shape);
                    counts[++depth] = 0;
                    break;
                case JsonTokenType.StartArray:
                    throw ProtocolException.BadRequest(
                        $"Input '{input.Signature.Name}': data nests deeper than the shape {Shapes.Describe(input.Shape)}.");
                default:
                    if (depth + 1 != shape.Length)
                    {
                        throw ProtocolException.BadRequest(
                            $"Input '{input.Signature.Name}': data must be flat or nested as the shape {Shapes.Describe(input.Shape)} says; element {filled} is not deep enough.");
                    }

                    Count(input, counts, depth, shape);
                    if (!sink.TryTake(ref reader))
                    {
                        throw ProtocolException.BadRequest(
                            $"Input '{input.Signature.Name}': element {filled} is {JsonTokens.Describe(in reader, MaxElementInMessage)}; {Legal(input.Signature.Datatype)}.");
                    }

                    filled++;
                    break;
            }
        }
    }

    private static void Count(InferenceInput input, Span<long> counts, int depth, ReadOnlySpan<long> shape)
    {
        if (counts[depth] == shape[depth])
        {
            throw WrongCount(input, depth, counts[depth], shape, "more than ");
        }

        counts[depth]++;
    }

    private static ProtocolException WrongCount(InferenceInput input, int depth, long count, ReadOnlySpan<long> shape, string how) =>
        ProtocolException.BadRequest(shape.Length == 1
            ? $"Input '{input.Signature.Name}': shape {Shapes.Describe(input.Shape)} needs {shape[0]} elements, data has {how}{count}."
            : $"Input '{input.Signature.Name}': dimension {depth} of shape {Shapes.Describe(input.Shape)} is {shape[depth]}, data has an array of {how}{count} there.");

    private static string Legal(Datatype datatype) => datatype switch
    {
        Datatype.Bytes => "BYTES takes strings",
        Datatype.Bool => "BOOL takes true and false",
        Datatype.Fp32 => "FP32 takes finite numbers up to 3.4028235e38",
        Datatype.Fp64 => "FP64 takes finite numbers",
        Datatype.UInt8 => "UINT8 takes whole numbers from 0 to 255",
        Datatype.UInt16 => "UINT16 takes whole numbers from 0 to 65535",
        Datatype.UInt32 => "UINT32 takes whole numbers from 0 to 4294967295",
        Datatype.UInt64 => "UINT64 takes whole numbers from 0 to 18446744073709551615",
        Datatype.Int8 => "INT8 takes whole numbers from -128 to 127",
        Datatype.Int16 => "INT16 takes whole numbers from -32768 to 32767",
        Datatype.Int32 => "INT32 takes whole numbers from -2147483648 to 2147483647",
        _ => "INT64 takes whole numbers from -9223372036854775808 to 9223372036854775807",
    };

    // The type tests are constants to the compiler of each T: one branch remains.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryElement<T>(ref Utf8JsonReader reader, out T value)
        where T : unmanaged
    {
        value = default;
        if (typeof(T) == typeof(bool))
        {
            value = Unsafe.BitCast<bool, T>(reader.TokenType == JsonTokenType.True);
            return reader.TokenType is JsonTokenType.True or JsonTokenType.False;
        }

        if (reader.TokenType != JsonTokenType.Number)
        {
            return false;
        }

        if (typeof(T) == typeof(float))
        {
            var read = reader.TryGetSingle(out var number) && float.IsFinite(number);
            value = Unsafe.BitCast<float, T>(number);
            return read;
        }

        if (typeof(T) == typeof(double))
        {
            var read = reader.TryGetDouble(out var number) && double.IsFinite(number);
            value = Unsafe.BitCast<double, T>(number);
            return read;
        }

        if (typeof(T) == typeof(byte))
        {
            var read = reader.TryGetByte(out var number);
            value = Unsafe.BitCast<byte, T>(number);
            return read;
        }

        if (typeof(T) == typeof(sbyte))
        {
            var read = reader.TryGetSByte(out var number);
            value = Unsafe.BitCast<sbyte, T>(number);
            return read;
        }

        if (typeof(T) == typeof(ushort))
        {
            var read = reader.TryGetUInt16(out var number);
            value = Unsafe.BitCast<ushort, T>(number);
            return read;
        }

        if (typeof(T) == typeof(short))
        {
            var read = reader.TryGetInt16(out var number);
            value = Unsafe.BitCast<short, T>(number);
            return read;
        }

        if (typeof(T) == typeof(uint))
        {
            var read = reader.TryGetUInt32(out var number);
            value = Unsafe.BitCast<uint, T>(number);
            return read;
        }

        if (typeof(T) == typeof(int))
        {
            var read = reader.TryGetInt32(out var number);
            value = Unsafe.BitCast<int, T>(number);
            return read;
        }

        if (typeof(T) == typeof(ulong))
        {
            var read = reader.TryGetUInt64(out var number);
            value = Unsafe.BitCast<ulong, T>(number);
            return read;
        }

        if (typeof(T) == typeof(long))
        {
            var read = reader.TryGetInt64(out var number);
            value = Unsafe.BitCast<long, T>(number);
            return read;
        }

        throw new NotSupportedException($"No JSON element is read as {typeof(T)}.");
    }

    /// <summary>Where elements go.</summary>
    private interface IElementSink
    {
        /// <summary>Takes the token that the reader stands on; false where it is no element of the type.</summary>
        bool TryTake(ref Utf8JsonReader reader);
    }

    private ref struct NumberSink<T>(Span<T> into) : IElementSink
        where T : unmanaged
    {
        private readonly Span<T> _into = into;
        private int _filled;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool TryTake(ref Utf8JsonReader reader) => TryElement(ref reader, out _into[_filled++]);
    }

    private ref struct TextSink(Span<byte> into) : IElementSink
    {
        private readonly Span<byte> _into = into;

        public int Written { get; private set; }

        public bool TryTake(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                return false;
            }

            var element = _into[Written..];
            var length = reader.CopyString(element[BytesTensor.PrefixBytes..]);
            BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)length);
            Written += BytesTensor.PrefixBytes + length;
            return true;
        }
    }
}
