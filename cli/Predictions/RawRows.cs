using System.Globalization;
using System.Runtime.InteropServices;
using Serverless.Cli.Api;
using Serverless.Core.Validation;

namespace Serverless.Cli.Predictions;

/// <summary>Rows of numbers as a file has them.</summary>
/// <param name="Source">The file, for messages.</param>
/// <param name="Count">How many rows.</param>
/// <param name="Width">Numbers in a row.</param>
/// <param name="Values">The numbers, row by row.</param>
internal sealed record RawRows(string Source, int Count, int Width, float[] Values)
{
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
            "UINT8" => new InputRows(Count, Array.ConvertAll(Values, ToByte)),
            _ => throw new ValidationException("input", $"the model's input '{input.Name}' is of type {input.Datatype}; this command sends FP32 and UINT8. Use an Open Inference Protocol client for others"),
        };
    }

    private byte ToByte(float value) => value is >= byte.MinValue and <= byte.MaxValue && value == MathF.Floor(value)
        ? (byte)value
        : throw new ValidationException("input", string.Create(
            CultureInfo.InvariantCulture, $"'{Source}' has the number {value}; the model takes raw bytes, whole numbers of 0 to 255"));
}
