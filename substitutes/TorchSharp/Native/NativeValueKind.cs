namespace TorchSharp.PInvoke;

/// <summary>What a <see cref="NativeValue"/> holds; the numbers are those of <c>Kind</c> in shim.h.</summary>
internal enum NativeValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    Ints = 5,
    Tensors = 6,
    OptionalTensors = 7,
    Text = 8,
    Device = 9,
    Generator = 10,
    Default = 11,
    Complex = 12,
    Texts = 13,
}
