using Serverless.Core.Networks;

namespace Serverless.Core.Tests.Networks;

/// <summary>A network together with the dataset it fits.</summary>
public sealed record NetworkCase(NetworkSpec Spec, int[] Input, int Outputs)
{
    public Network Compile() => Network.Compile(Spec, Input, Outputs);

    public override string ToString() => $"{Shapes.Format(Input)} -> {Spec} -> {Outputs}";
}
