using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x times the normal distribution function of x.</summary>
public sealed class GELU : ParameterLessModule<Tensor, Tensor>
{
    internal GELU(bool inplace)
        : base(nameof(GELU)) => this.inplace = inplace;

    /// <summary>Overwrites the input.</summary>
    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, inplace);
}
