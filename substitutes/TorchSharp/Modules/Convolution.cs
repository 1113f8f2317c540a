using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What convolutions of different dimensions share: weight [out, in / groups, kernel..], bias [out].</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(weight))]
    protected Parameter? _weight;

    [ComponentName(Name = nameof(bias))]
    protected Parameter? _bias;

    private protected Convolution(
        string name,
        long in_channels,
        long out_channels,
        long[] kernel_size,
        long[] stride,
        long[] padding,
        long[] dilation,
        long groups,
        bool bias,
        PaddingModes padding_mode,
        Device? device,
        ScalarType? dtype)
        : base(name)
    {
        if (padding_mode != PaddingModes.Zeros)
        {
            throw new NotSupportedException($"Padding mode {padding_mode} is not supported, only {PaddingModes.Zeros}.");
        }

        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.padding = padding;
        this.dilation = dilation;
        this.groups = groups;
        weight = new Parameter(empty([out_channels, in_channels / groups, .. kernel_size], dtype, device));
        this.bias = bias ? new Parameter(empty(out_channels, dtype, device)) : null;
        reset_parameters();
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[]? padding { get; private set; }

    public long[] dilation { get; set; }

    public long groups { get; set; }

    public Parameter weight
    {
        get => _weight!;
        set => Replace(ref _weight, value ?? throw new ArgumentNullException(nameof(weight)), nameof(weight));
    }

    public Parameter? bias
    {
        get => _bias;
        set => Replace(ref _bias, value, nameof(bias));
    }

    public void reset_parameters() => nn.init.ResetAffine(weight, bias);

    /// <summary>Whether the input is an image of this many dimensions and channels, with or without a batch.</summary>
    protected bool ValidateShape(Tensor input, long dimensions)
    {
        var shape = input.shape;
        return (shape.Length == dimensions + 2 && shape[1] == in_channels) || (shape.Length == dimensions + 1 && shape[0] == in_channels);
    }
}
