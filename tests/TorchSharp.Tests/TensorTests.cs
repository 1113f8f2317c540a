using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Tests;

public sealed class TensorTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Arithmetic_KnownValues_Agree()
    {
        var a = tensor(new float[] { 1, 2, 3, 4 }, [2, 2]);
        var b = tensor(new float[] { 5, 6, 7, 8 }, [2, 2]);

        Assert.Equal([6f, 8, 10, 12], (a + b).data<float>());
        Assert.Equal([4f, 4, 4, 4], (b - a).data<float>());
        Assert.Equal([5f, 12, 21, 32], (a * b).data<float>());
        Assert.Equal([5f, 3, 7f / 3, 2], (b / a).data<float>());
        Assert.Equal([19f, 22, 43, 50], a.matmul(b).data<float>());
        Assert.Equal([3f, 4, 5, 6], (a + 2).data<float>());
        Assert.Equal([1f, 0, -1, -2], (2 - a).data<float>());
        Assert.Equal([12f, 6, 4, 3], (12 / a).data<float>());
        Assert.Equal([1f, 4, 9, 16], a.pow(2).data<float>());
        Assert.Equal([1f, 0, 1, 0], (a % 2).data<float>());
        Assert.Equal([-1f, -2, -3, -4], (-a).data<float>());
        Assert.Equal([2f, 2, 2, 2], b.div(a.add(0), RoundingMode.floor).clamp(max: 2).data<float>());
        Assert.Equal([20f, 23, 44, 51], ones(2, 2).addmm(a, b).data<float>());
        Assert.Equal([2f, 1, 8, 3], tensor(new float[] { 2, 3, 8, 7 }).where(tensor(new[] { true, false, true, false }), tensor(new float[] { 0, 1, 0, 3 })).data<float>());
    }

    [Fact]
    public void InPlace_EveryOperator_ChangesAndReturnsTheSameObject()
    {
        var a = tensor(new float[] { 1, 2, 4 });
        var b = tensor(new float[] { 2, 2, 2 });

        Assert.Same(a, a.add_(b, 0.5f));
        Assert.Equal([2f, 3, 5], a.data<float>());
        Assert.Same(a, a.sub_(1));
        Assert.Same(a, a.mul_(b));
        Assert.Equal([2f, 4, 8], a.data<float>());
        Assert.Same(a, a.div_(2));
        Assert.Same(a, a.pow_(2));
        Assert.Equal([1f, 4, 16], a.data<float>());
        Assert.Same(a, a.sqrt_());
        Assert.Same(a, a.addcmul_(b, b, 1));
        Assert.Equal([5f, 6, 8], a.data<float>());
        Assert.Same(a, a.addcdiv_(b, b, -4));
        Assert.Equal([1f, 2, 4], a.data<float>());
        Assert.Same(a, a.copy_(b));
        Assert.Same(a, a.fill_(3));
        Assert.Equal([3f, 3, 3], a.data<float>());
        Assert.Same(a, a.zero_());
        Assert.Equal([0f, 0, 0], a.data<float>());
    }

    [Fact]
    public void Reductions_KnownValues_Agree()
    {
        var a = tensor(new float[,] { { 1, 5, 3 }, { 4, 2, 6 } });

        Assert.Equal(21, a.sum().item<float>());
        Assert.Equal([5f, 7, 9], a.sum(dim: 0).data<float>());
        Assert.Equal([2L, 1], a.sum(1, keepdim: true).shape);
        Assert.Equal(3.5f, a.mean().item<float>());
        Assert.Equal([3f, 4], a.mean([1]).data<float>());
        Assert.Equal(6, a.max().item<float>());
        var (values, indices) = a.max(1);
        Assert.Equal([5f, 6], values.data<float>());
        Assert.Equal([1L, 2], indices.data<long>());
        Assert.Equal([1L, 2], a.argmax(1).data<long>());
        Assert.Equal(5, a.argmax().item<long>());
        Assert.Equal(Math.Sqrt(91), a.norm().item<float>(), 5);
        Assert.Equal([6f, 15], a.cumsum(1).select(1, 2).mul(tensor(new[] { 6 / 9f, 15 / 12f })).data<float>());
        Assert.Equal(1.8708287, a.std().item<float>(), 5);
        Assert.True(a.gt(0).all().item<bool>());
        Assert.False(a.gt(6).any().item<bool>());
        Assert.Equal(2, a.eq(tensor(new float[,] { { 1, 0, 3 }, { 0, 0, 0 } })).sum().item<long>());
        Assert.False(tensor(new[] { 1, float.NaN }).isfinite().all().item<bool>());
        Assert.Equal([5f, 3], a.topk(2, dim: 1).values[0].data<float>());
    }

    [Fact]
    public void Shape_ViewsOfOneTensor_ShareItsMemory()
    {
        var flat = arange(12, dtype: float32);
        var matrix = flat.view(3, 4);
        var middle = flat.narrow(0, 4, 4);
        var strided = flat.as_strided([2, 2], [4, 1], 1);

        middle.fill_(-1);

        Assert.Equal([-1f, -1, -1, -1], matrix[1].data<float>());
        Assert.Equal([1f, 2, -1, -1], strided.data<float>());
        Assert.Equal(4, middle.storage_offset());
        Assert.Equal([4L, 3], matrix.t().shape);
        Assert.Equal([1L, 4], matrix.T.stride());
        Assert.False(matrix.t().is_contiguous());
        Assert.True(matrix.t().contiguous().is_contiguous());
        Assert.Equal([0f, -1, 8], matrix.t()[0].data<float>());
        Assert.Equal([2L, 6], matrix.reshape(2, -1).shape);
        Assert.Equal([12L], matrix.flatten().shape);
        Assert.Equal([3L, 1, 4], matrix.unsqueeze(1).shape);
        Assert.Equal([4L, 3], matrix.permute(1, 0).shape);
        Assert.Equal([[3L, 2], [3L, 2]], matrix.split(2, 1).Select(part => part.shape));
        Assert.Equal([3L, 8], cat([matrix, matrix], 1).shape);
        Assert.Equal([2L, 3, 4], stack([matrix, matrix]).shape);
        Assert.Equal(3, matrix.size(0));
        Assert.Equal(4, matrix.size(-1));
        Assert.Throws<ExternalException>(() => matrix.size(2));
    }

    [Fact]
    public void Set_OtherTensor_SharesItsMemory()
    {
        var a = zeros(2);
        var b = ones(3);

        a.set_(b);
        b.fill_(5);

        Assert.Equal([5f, 5, 5], a.data<float>());
    }

    [Fact]
    public void Indexing_NumbersSlicesMasksAndTensors_SelectWhatPythonSelects()
    {
        var a = arange(24).view(2, 3, 4);

        Assert.Equal(23, a[1, 2, 3].item<long>());
        Assert.Equal([20L, 21, 22, 23], a[1, 2].data<long>());
        Assert.Equal([1L, 5, 9], a[0, TensorIndex.Colon, 1].data<long>());
        Assert.Equal([5L, 6], a[0, 1, 1..3].data<long>());
        Assert.Equal([3L, 7, 11, 15, 19, 23], a[TensorIndex.Ellipsis, -1].flatten().data<long>());
        Assert.Equal([2L, 1, 3, 4], a[TensorIndex.Colon, TensorIndex.None].shape);
        Assert.Equal([1L, 3], a[0, 0, TensorIndex.Slice(1, null, 2)].data<long>());
        Assert.Equal([22L, 23], a[a.gt(21)].data<long>());
        Assert.Equal([1L, 6, 11], a[0][tensor(new long[] { 0, 1, 2 }), tensor(new long[] { 1, 2, 3 })].data<long>());
        Assert.Equal([2L, 0, 2], a[0, 0][tensor(new long[] { 2, 0, 2 })].data<long>());
        Assert.Equal([10L, 22], a[TensorIndex.Colon, 2, TensorIndex.Tensor(tensor(new long[] { 2 }))].data<long>());

        a[0, 1] = 7;
        a[1, TensorIndex.Colon, 0..2] = -1;

        Assert.Equal([7L, 7, 7, 7], a[0, 1].data<long>());
        Assert.Equal([-1L, -1, 14, 15], a[1, 0].data<long>());
    }

    [Fact]
    public void Gathering_ByIndex_PicksRows()
    {
        var a = tensor(new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });

        Assert.Equal([5f, 6, 1, 2], a.index_select(0, tensor(new long[] { 2, 0 })).data<float>());
        Assert.Equal([2f, 3, 6], a.gather(1, tensor(new long[,] { { 1 }, { 0 }, { 1 } })).data<float>());
        Assert.Equal([0f, 2, 0, 4, 0, 6], a.masked_fill(a.remainder(2).ne(0), 0).data<float>());
    }

    [Fact]
    public void Conversion_OfType_RoundsAsTheTypeDoes()
    {
        var a = tensor(new[] { 1.5f, -2.5f, 300 });

        Assert.Equal([1L, -2, 300], a.to(int64).data<long>());
        Assert.Equal([1.5, -2.5, 300], a.@double().data<double>());
        Assert.Equal([(Half)1.5, (Half)(-2.5), (Half)300], a.half().data<Half>());
        Assert.Equal(ScalarType.BFloat16, a.bfloat16().dtype);
        Assert.Equal([1.5f, -2.5f, 300], a.bfloat16().to(float32).data<float>());
        Assert.Equal(8, a.@long().element_size());
        Assert.Equal([0.0f, 1, 255], tensor(new byte[] { 0, 1, 255 }).to(float32).data<float>());
        Assert.True(a.to(ScalarType.Float32, disposeAfter: true).Handle != 0);
        Assert.True(a.IsInvalid);
    }

    [Fact]
    public void Creation_TypesFollowTheArguments()
    {
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal(ScalarType.Float32, arange(0, 1, 0.5f).dtype);
        Assert.Equal(ScalarType.Float32, zeros(2).dtype);
        Assert.Equal(ScalarType.Int32, tensor(1).dtype);
        Assert.Equal(ScalarType.Float64, tensor(1.0).dtype);
        Assert.Equal(ScalarType.Bool, tensor(true).dtype);
        Assert.Equal(ScalarType.Byte, zeros(2, 2, dtype: uint8).dtype);
        Assert.Equal([0f, 0.5f, 1], linspace(0, 1, 3).data<float>());
        Assert.Equal([1f, 0, 0, 1], eye(2).data<float>());
        Assert.Equal([7f, 7], full(2, 7f, dtype: float32).data<float>());
        Assert.Equal([2L, 3], ones([2, 3]).shape);
        Assert.Equal([], tensor(3f).shape);
        Assert.Equal(5, tensor(5L).ToScalar().ToInt64());
        Assert.True(ones(2, requires_grad: true).requires_grad);
    }

    [Fact]
    public void Devices_OfTensorsAndNames_AreThoseOfTheOfficialPackage()
    {
        var a = zeros(2);

        Assert.Equal(DeviceType.CPU, a.device.type);
        Assert.Equal(-1, a.device.index);
        Assert.Equal("cpu", a.device.ToString());
        Assert.Equal("cuda:1", new Device("cuda:1").ToString());
        Assert.Equal("cuda", new Device(DeviceType.CUDA).ToString());
        a.cpu().fill_(3);
        Assert.Equal([3f, 3], a.data<float>());
        Assert.Equal(cuda.is_available(), TryInitializeDeviceType(DeviceType.CUDA));
        Assert.Equal(cuda.is_available(), cuda.device_count() > 0);
    }

    [Fact]
    public void Cuda_WithoutADevice_ThrowsInvalidOperation()
    {
        if (cuda.is_available())
        {
            Assert.Equal(DeviceType.CUDA, zeros(1).cuda().device_type);
        }
        else
        {
            Assert.Throws<InvalidOperationException>(() => zeros(1).cuda());
            Assert.Throws<InvalidOperationException>(() => zeros(1, device: "cuda"));
        }
    }

    [Fact]
    public void Error_ShapesThatDoNotFit_CarriesLibtorchsMessage()
    {
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).matmul(zeros(4, 5)));

        Assert.Contains("(2x3 and 4x5)", error.Message);
        CheckForErrors();
    }

    [Fact]
    public void Error_DisposedTensor_ThrowsInvalidOperation()
    {
        var a = zeros(2);
        a.Dispose();
        a.Dispose();

        Assert.True(a.IsInvalid);
        Assert.Throws<InvalidOperationException>(() => a.add(1));
        Assert.Throws<InvalidOperationException>(() => zeros(2).add(a));
        Assert.Throws<InvalidOperationException>(() => a.shape);
    }

    [Fact]
    public void Error_WrongElementType_ThrowsArgumentException()
    {
        Assert.Throws<ArgumentException>(() => zeros(2).data<double>());
        Assert.Throws<ArgumentException>(() => zeros(1).item<int>());
        Assert.Throws<ArgumentException>(() => zeros(2).item<float>());
        Assert.Throws<ArgumentException>(() => tensor(new float[3], [2, 2]));
    }

    [Fact]
    public void ToString_OfATensor_DescribesIt()
    {
        Assert.Equal("[2x3], type = Float32, device = cpu", zeros(2, 3).ToString());
        Assert.Equal("[], type = Int64, device = cpu", tensor(1L).ToString());
    }

    [Fact]
    public void Equality_ObjectsAndElements_AreDifferentQuestions()
    {
        var a = tensor(new[] { 1f, 2 });

        Assert.True(a.Equals(tensor(new[] { 1f, 2 })));
        Assert.False(a.Equals(tensor(new[] { 1f, 3 })));
        Assert.Equal([true, false], (a == tensor(new[] { 1f, 3 })).data<bool>());
        Assert.Equal([false, true], (a > 1).data<bool>());
        Assert.True(a.allclose(a + 1e-7f));
    }
}
