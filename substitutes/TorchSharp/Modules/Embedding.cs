using TorchSharp.PInvoke;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A table of vectors [count, size], looked up by index.</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    private static readonly Operator EmbeddingOp = new("embedding");

    private readonly long _padding;
    private readonly bool _scaleGradient;
    private readonly bool _sparse;

    [ComponentName(Name = nameof(weight))]
    private Parameter? _weight;

    internal Embedding(
        long num_embeddings, long embedding_dims, long? padding_idx, bool scale_grad_by_freq, bool sparse, Device? device, ScalarType? dtype)
        : base(nameof(Embedding))
    {
        _padding = padding_idx is { } index and < 0 ? num_embeddings + index : padding_idx ?? -1;
        _scaleGradient = scale_grad_by_freq;
        _sparse = sparse;
        weight = new Parameter(empty(num_embeddings, embedding_dims, dtype, device));
        using var frozen = no_grad();
        weight.normal_();
        if (_padding >= 0)
        {
            using var row = weight.select(0, _padding);
            row.zero_();
        }
    }

    public Parameter? weight
    {
        get => _weight;
        set => Replace(ref _weight, value, nameof(weight));
    }

    public override Tensor forward(Tensor input) => EmbeddingOp.Call(weight, input, _padding, _scaleGradient, _sparse);
}
