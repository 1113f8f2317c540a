namespace TorchSharp.Utils;

/// <summary>Walks a tensor's elements in the order of its dimensions and gives each one's place in memory.</summary>
internal sealed class StridedOffsets
{
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly long[] _indices;
    private long _offset;

    public StridedOffsets(torch.Tensor tensor, long start)
    {
        _shape = tensor.shape;
        _strides = tensor.stride();
        _indices = new long[_shape.Length];
        for (var i = _shape.Length - 1; i >= 0; i--)
        {
            (start, _indices[i]) = Math.DivRem(start, _shape[i]);
            _offset += _indices[i] * _strides[i];
        }
    }

    public long Next()
    {
        var offset = _offset;
        for (var i = _shape.Length - 1; i >= 0; i--)
        {
            _offset += _strides[i];
            if (++_indices[i] < _shape[i])
            {
                break;
            }

            _offset -= _indices[i] * _strides[i];
            _indices[i] = 0;
        }

        return offset;
    }
}
