using Serverless.Inference.Execution;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Tests.Execution;

public sealed class CudaGraphTests
{
    [Theory]
    [InlineData(Datatype.Fp32, 4, 3, true)]
    [InlineData(Datatype.Fp32, -1, 3, false)]
    [InlineData(Datatype.Fp32, 4, -1, false)]
    [InlineData(Datatype.Bytes, 4, 3, false)]
    public void CanRecord_OnlyNumbersOfFixedShapes(Datatype datatype, long first, long second, bool can)
    {
        TensorSignature[] free = [new("x", datatype, first, second)];
        TensorSignature[] settled = [new("y", Datatype.Fp32, 4)];

        Assert.Equal(can, CudaGraph.CanRecord(new ModelSignature(free, settled)));
        Assert.Equal(can, CudaGraph.CanRecord(new ModelSignature(settled, free)));
    }
}
