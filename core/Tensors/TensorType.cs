namespace Serverless.Core.Tensors;

/// <summary>Element types a safetensors file may hold.</summary>
public enum TensorType
{
    /// <summary>One byte a value, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8,

    /// <summary>Signed 8-bit integer.</summary>
    Int8,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>Signed 16-bit integer.</summary>
    Int16,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>Signed 64-bit integer.</summary>
    Int64,

    /// <summary>IEEE 754 half precision.</summary>
    Float16,

    /// <summary>The upper half of a single-precision number.</summary>
    BFloat16,

    /// <summary>IEEE 754 single precision.</summary>
    Float32,

    /// <summary>IEEE 754 double precision.</summary>
    Float64,

    /// <summary>Two single-precision numbers: real and imaginary part.</summary>
    Complex64,

    /// <summary>4-bit float, two values a byte.</summary>
    Float4,

    /// <summary>6-bit float with 2 exponent and 3 mantissa bits.</summary>
    Float6E2M3,

    /// <summary>6-bit float with 3 exponent and 2 mantissa bits.</summary>
    Float6E3M2,

    /// <summary>8-bit float with 5 exponent and 2 mantissa bits.</summary>
    Float8E5M2,

    /// <summary>8-bit float with 4 exponent and 3 mantissa bits.</summary>
    Float8E4M3,

    /// <summary>8-bit power of two, the scale of a block of smaller floats.</summary>
    Float8E8M0,

    /// <summary>8-bit float E5M2 without negative zero and infinities.</summary>
    Float8E5M2Fnuz,

    /// <summary>8-bit float E4M3 without negative zero and infinities.</summary>
    Float8E4M3Fnuz,
}
