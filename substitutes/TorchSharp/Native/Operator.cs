using System.Runtime.CompilerServices;
using System.Text;

namespace TorchSharp.PInvoke;

/// <summary>
/// An operator of libtorch by its schema's name. It is looked up at its first call; after that a call costs one transition to native code and
/// no managed allocation but the results. Trailing arguments that have defaults may be left out, which also keeps calls valid for newer
/// libtorch versions that add some.
/// </summary>
internal sealed unsafe class Operator(string name, string overload = "")
{
    private const int MaxArguments = 16;

    private nint _handle;

    /// <summary>Whether this libtorch has the operator.</summary>
    public bool Exists => _handle != 0 || (_handle = Find(required: false)) != 0;

    /// <summary>Calls an operator for its effect: results, if any, are dropped.</summary>
    public void Run(params ReadOnlySpan<Argument> arguments) => Invoke(arguments, null, 0);

    /// <summary>Calls an operator that changes <paramref name="self"/>, which is returned.</summary>
    public torch.Tensor Change(torch.Tensor self, params ReadOnlySpan<Argument> arguments)
    {
        Invoke(arguments, null, 0, self);
        return self;
    }

    public torch.Tensor Call(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new torch.Tensor((nint)result.Data);
    }

    public (torch.Tensor First, torch.Tensor Second) Call2(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(arguments, results, 2);
        return (new torch.Tensor((nint)results[0].Data), new torch.Tensor((nint)results[1].Data));
    }

    public (torch.Tensor First, torch.Tensor Second, torch.Tensor Third) Call3(params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(arguments, results, 3);
        return (new torch.Tensor((nint)results[0].Data), new torch.Tensor((nint)results[1].Data), new torch.Tensor((nint)results[2].Data));
    }

    public torch.Tensor[] CallMany(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        var handles = (nint*)result.Data;
        var tensors = new torch.Tensor[result.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new torch.Tensor(handles[i]);
        }

        NativeMethods.shim_free(handles);
        return tensors;
    }

    public bool CallBool(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Data != 0;
    }

    public Scalar CallScalar(params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return Scalar.FromNative(result);
    }

    [SkipLocalsInit]
    private void Invoke(ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity, torch.Tensor? self = null)
    {
        var handle = _handle != 0 ? _handle : _handle = Find(required: true);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(arguments.Length, MaxArguments, nameof(arguments));
        var values = stackalloc NativeValue[MaxArguments];
        var count = 0;
        if (self is not null)
        {
            values[count++] = new NativeValue(NativeValueKind.Tensor, 0, self.Handle);
        }

        foreach (ref readonly var argument in arguments)
        {
            values[count++] = argument.Value;
        }

        var status = NativeMethods.shim_call(handle, values, count, results, capacity);
        GC.KeepAlive(self);
        foreach (ref readonly var argument in arguments)
        {
            GC.KeepAlive(argument.Owner);
        }

        if (status != 0)
        {
            torch.CheckForErrors();
        }
    }

    private nint Find(bool required)
    {
        nint found;
        fixed (byte* nameBytes = Encoding.UTF8.GetBytes("aten::" + name + '\0'), overloadBytes = Encoding.UTF8.GetBytes(overload + '\0'))
        {
            NativeMethods.Check(NativeMethods.shim_find(nameBytes, overloadBytes, required ? 1 : 0, &found));
        }

        return found;
    }
}
