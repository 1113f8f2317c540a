using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Serverless.Cli.Api;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Rows of numbers as a file has them.</summary>
/// <param name="Source">The file, for messages.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Width">Numbers in a row.</param>
/// <param name="Values">The numbers, row by row.</param>
internal sealed record RawRows(string Source, int Count, int Width, float[] Values) : IQuestion
{
    private const int MostExact = 1 << 24;

    /// <summary>The rows as a model's input takes them.</summary>
    /// <exception cref="ValidationException">A row has the wrong number of numbers, or a number is outside what the input's element type holds.</exception>
    public InputRows For(TensorDescription input)
    {
        var expected = input.Shape.Skip(1).Aggregate(1L, (product, dimension) => product * dimension);
        if (expected != Width)
        {
            throw new ValidationException("input", string.Create(
                CultureInfo.InvariantCulture,
                $"'{Source}' has {Width} numbers a row; the model's input '{input.Name}' of shape [{string.Join(", ", input.Shape)}] takes {expected}"));
        }

        return input.Datatype switch
        {
            "FP32" => new InputRows(Count, MemoryMarshal.AsBytes(Values.AsSpan()).ToArray()),
            "FP64" => Convert<double>(),
            "FP16" => Convert<Half>(),
            "BOOL" => ConvertWhole<byte>(input, 0, 1),
            "UINT8" => ConvertWhole<byte>(input, byte.MinValue, byte.MaxValue),
            "INT8" => ConvertWhole<sbyte>(input, sbyte.MinValue, sbyte.MaxValue),
            "UINT16" => ConvertWhole<ushort>(input, ushort.MinValue, ushort.MaxValue),
            "INT16" => ConvertWhole<short>(input, short.MinValue, short.MaxValue),

            // Beyond 2^24 a number as it was read is not every whole number any more.
            "UINT32" => ConvertWhole<uint>(input, 0, MostExact),
            "INT32" => ConvertWhole<int>(input, -MostExact, MostExact),
            "UINT64" => ConvertWhole<ulong>(input, 0, MostExact),
            "INT64" => ConvertWhole<long>(input, -MostExact, MostExact),
            _ => throw new ValidationException("input", $"the model's input '{input.Name}' is of type {input.Datatype}; this command sends numbers. Use an Open Inference Protocol client for others"),
        };
    }

    private InputRows Convert<T>()
        where T : unmanaged, INumber<T> => new(Count, MemoryMarshal.AsBytes(Array.ConvertAll(Values, T.CreateSaturating).AsSpan()).ToArray());

    private InputRows ConvertWhole<T>(TensorDescription input, int least, int most)
        where T : unmanaged, INumber<T>
    {
        var bytes = new byte[Values.Length * Unsafe.SizeOf<T>()];
        var into = MemoryMarshal.Cast<byte, T>(bytes.AsSpan());
        for (var i = 0; i < into.Length; i++)
        {
            var value = Values[i];
            into[i] = value >= least && value <= most && value == MathF.Floor(value)
                ? T.CreateTruncating(value)
                : throw new ValidationException("input", string.Create(
                    CultureInfo.InvariantCulture, $"'{Source}' has the number {value}; the model's input '{input.Name}' takes raw {input.Datatype}, whole numbers of {least} to {most}"));
        }

        return new InputRows(Count, bytes);
    }
}
