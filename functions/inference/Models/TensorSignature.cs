using System.Text;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Models;

/// <summary>One input or output of a model.</summary>
public sealed class TensorSignature
{
    private readonly byte[] _utf8Name;
    private readonly long[] _shape;

    /// <summary>Describes a tensor.</summary>
    /// <param name="name">Its name in the model.</param>
    /// <param name="datatype">The type of its elements.</param>
    /// <param name="shape">Its dimensions; -1 is one that each request chooses.</param>
    public TensorSignature(string name, Datatype datatype, params long[] shape)
    {
        Name = name;
        Datatype = datatype;
        _shape = shape;
        _utf8Name = Encoding.UTF8.GetBytes(name);
    }

    /// <summary>Its name in the model.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public Datatype Datatype { get; }

    /// <summary>Its dimensions; -1 is one that each request chooses.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>The name as it stands in JSON without escapes.</summary>
    public ReadOnlySpan<byte> Utf8Name => _utf8Name;
}
