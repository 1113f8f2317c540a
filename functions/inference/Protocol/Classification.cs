using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>
/// The classification extension: in place of an output's values its best classes, each as <c>value:index</c> or <c>value:index:label</c>. An output of rows, that is
/// of two or more dimensions of which the first is free, gives a line of classes for each row, any other one line for all its values.
/// </summary>
internal static class Classification
{
    private const int MaxElementText = 64;

    /// <summary>Checks that an output can be classified.</summary>
    /// <exception cref="ProtocolException">400: its elements have no order.</exception>
    public static void Admit(TensorSignature output)
    {
        if (output.Datatype is Datatype.Bool or Datatype.Bytes)
        {
            throw ProtocolException.BadRequest($"Output '{output.Name}' is {output.Datatype.Name()}; classification needs numbers.");
        }
    }

    /// <summary>Finds the best classes.</summary>
    /// <param name="output">The output.</param>
    /// <param name="shape">The shape that the model gave it.</param>
    /// <param name="bytes">Its elements.</param>
    /// <param name="classes">How many to give, 1 or more; where there are fewer, all.</param>
    /// <param name="labels">Names of the classes by index; used where there are as many as classes.</param>
    /// <returns>The elements as <see cref="BytesTensor"/> says, best first, and their shape. What is not a number comes last.</returns>
    public static (ReadOnlyMemory<byte> Elements, long[] Shape) Best(
        TensorSignature output, ReadOnlySpan<long> shape, ReadOnlySpan<byte> bytes, int classes, IReadOnlyList<string> labels)
    {
        var isRows = shape.Length > 1 && output.Shape[0] < 0;
        var rows = isRows ? (int)shape[0] : 1;
        var columns = rows == 0 ? 0 : bytes.Length / output.Datatype.Size() / rows;
        var count = Math.Min(classes, columns);
        var lines = new Lines(columns, count, labels.Count == columns ? labels : [], new ArrayBufferWriter<byte>(Math.Max(1, rows * count * 16)));
        switch (output.Datatype)
        {
            case Datatype.UInt8:
                lines.Add(bytes);
                break;
            case Datatype.UInt16:
                lines.Add(MemoryMarshal.Cast<byte, ushort>(bytes));
                break;
            case Datatype.UInt32:
                lines.Add(MemoryMarshal.Cast<byte, uint>(bytes));
                break;
            case Datatype.UInt64:
                lines.Add(MemoryMarshal.Cast<byte, ulong>(bytes));
                break;
            case Datatype.Int8:
                lines.Add(MemoryMarshal.Cast<byte, sbyte>(bytes));
                break;
            case Datatype.Int16:
                lines.Add(MemoryMarshal.Cast<byte, short>(bytes));
                break;
            case Datatype.Int32:
                lines.Add(MemoryMarshal.Cast<byte, int>(bytes));
                break;
            case Datatype.Int64:
                lines.Add(MemoryMarshal.Cast<byte, long>(bytes));
                break;
            case Datatype.Fp16:
                lines.Add(MemoryMarshal.Cast<byte, Half>(bytes));
                break;
            case Datatype.Bf16:
                lines.Add<float>(Widen(MemoryMarshal.Cast<byte, ushort>(bytes)));
                break;
            case Datatype.Fp32:
                lines.Add(MemoryMarshal.Cast<byte, float>(bytes));
                break;
            case Datatype.Fp64:
                lines.Add(MemoryMarshal.Cast<byte, double>(bytes));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(output), output.Datatype, "Elements of this datatype have no order.");
        }

        return (lines.Written.WrittenMemory, isRows ? [rows, count] : [count]);
    }

    // A bfloat16 is the upper half of a single precision number.
    private static float[] Widen(ReadOnlySpan<ushort> halves)
    {
        var wide = new float[halves.Length];
        for (var i = 0; i < wide.Length; i++)
        {
            wide[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }

        return wide;
    }

    private readonly record struct Lines(int Columns, int Count, IReadOnlyList<string> Labels, ArrayBufferWriter<byte> Written)
    {
        public void Add<T>(ReadOnlySpan<T> values)
            where T : struct, INumber<T>
        {
            // The worst of the best so far is at the head: what is not better than it is passed over.
            var best = new PriorityQueue<int, (T Value, int Index)>(Count, Comparer<(T Value, int Index)>.Create(Compare));
            Span<int> order = new int[Count];
            for (; values.Length > 0 && Count > 0; values = values[Columns..])
            {
                for (var i = 0; i < Columns; i++)
                {
                    if (i < Count)
                    {
                        best.Enqueue(i, (values[i], i));
                    }
                    else
                    {
                        best.EnqueueDequeue(i, (values[i], i));
                    }
                }

                for (var place = Count - 1; place >= 0; place--)
                {
                    order[place] = best.Dequeue();
                }

                foreach (var index in order)
                {
                    Write(values[index], index);
                }
            }
        }

        private static int Compare<T>((T Value, int Index) left, (T Value, int Index) right)
            where T : INumber<T>
        {
            // A comparison of floating point numbers puts NaN below all others.
            var byValue = left.Value.CompareTo(right.Value);
            return byValue != 0 ? byValue : right.Index.CompareTo(left.Index);
        }

        private void Write<T>(T value, int index)
            where T : INumber<T>
        {
            var label = Labels.Count > 0 ? Labels[index] : null;
            var element = Written.GetSpan(BytesTensor.PrefixBytes + MaxElementText + (label is null ? 0 : Encoding.UTF8.GetMaxByteCount(label.Length)));
            var text = element[BytesTensor.PrefixBytes..];
            value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
            text[length++] = (byte)':';
            index.TryFormat(text[length..], out var digits, default, CultureInfo.InvariantCulture);
            length += digits;
            if (label is not null)
            {
                text[length++] = (byte)':';
                length += Encoding.UTF8.GetBytes(label, text[length..]);
            }

            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)length);
            Written.Advance(BytesTensor.PrefixBytes + length);
        }
    }
}
