namespace Serverless.Inference.Protocol;

/// <summary>The element types of the Open Inference Protocol.</summary>
public enum Datatype
{
    /// <summary>One byte, 0 or 1; <c>true</c> or <c>false</c> in JSON.</summary>
    Bool,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16,

    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32,

    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>IEEE 754 half precision; travels only as binary.</summary>
    Fp16,

    /// <summary>The upper half of a single precision number; travels only as binary.</summary>
    Bf16,

    /// <summary>IEEE 754 single precision.</summary>
    Fp32,

    /// <summary>IEEE 754 double precision.</summary>
    Fp64,

    /// <summary>Text or any bytes, of a length that each element chooses; in JSON a string, in binary the length as 4 bytes and then the bytes.</summary>
    Bytes,
}
