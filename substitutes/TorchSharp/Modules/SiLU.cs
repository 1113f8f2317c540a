using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>x times the logistic function of x.</summary>
public sealed class SiLU : ParameterLessModule<Tensor, Tensor>
{
    internal SiLU(bool inplace)
        : base(nameof(SiLU)) => this.inplace = inplace;

    /// <summary>Overwrites the input.</summary>
    public bool inplace { get; set; }

    public override Tensor forward(Tensor tensor) => nn.functional.silu(tensor, inplace);
}
