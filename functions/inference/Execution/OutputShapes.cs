using Microsoft.ML.OnnxRuntime;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.Execution;

/// <summary>
/// The shapes of a model's outputs as far as those of its inputs decide them: a dimension is fixed, or carries the same name as one of an input. Memory for such an
/// output can be at hand before the model runs.
/// </summary>
internal sealed class OutputShapes
{
    private readonly OutputDimension[]?[] _outputs;
    private volatile bool _isTrusted = true;

    /// <summary>Reads the names and sizes of a model's dimensions.</summary>
    public OutputShapes(InferenceSession session, ModelSignature signature)
    {
        var named = new Dictionary<string, (TensorSignature Input, int Axis)>(StringComparer.Ordinal);
        foreach (var input in signature.Inputs)
        {
            var names = session.InputMetadata[input.Name].SymbolicDimensions;
            for (var axis = 0; axis < names.Length; axis++)
            {
                if (names[axis].Length > 0)
                {
                    named.TryAdd(names[axis], (input, axis));
                }
            }
        }

        _outputs = new OutputDimension[signature.Outputs.Length][];
        for (var output = 0; output < _outputs.Length; output++)
        {
            var tensor = signature.Outputs[output];
            if (tensor.Datatype != Datatype.Bytes)
            {
                _outputs[output] = Describe(tensor, session.OutputMetadata[tensor.Name].SymbolicDimensions, named);
            }
        }
    }

    /// <summary>Whether shapes are still derived; a model whose own names proved wrong is asked after each run instead.</summary>
    public bool IsTrusted => _isTrusted;

    /// <summary>Gives up deriving shapes.</summary>
    public void Distrust() => _isTrusted = false;

    /// <summary>Notes that every output has as many rows as the inputs, which a trial has shown.</summary>
    /// <param name="input">An input that has rows.</param>
    public void FollowRows(TensorSignature input)
    {
        foreach (var output in _outputs)
        {
            if (output is { Length: > 0 } && output[0] == OutputDimension.Unknown)
            {
                output[0] = new OutputDimension(-1, input, 0);
            }
        }
    }

    /// <summary>The shape that an output will have, or null where only the run will tell.</summary>
    /// <param name="output">The output's place among the model's.</param>
    /// <param name="inputs">The inputs, in any order.</param>
    public long[]? TryDerive(int output, ReadOnlySpan<BoundInput> inputs)
    {
        if (!_isTrusted || _outputs[output] is not { } dimensions)
        {
            return null;
        }

        var shape = new long[dimensions.Length];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            var dimension = dimensions[axis];
            if (dimension == OutputDimension.Unknown)
            {
                return null;
            }

            shape[axis] = dimension.Input is null ? dimension.Size : ShapeOf(dimension.Input, inputs)[dimension.Axis];
        }

        return shape;
    }

    private static long[] ShapeOf(TensorSignature tensor, ReadOnlySpan<BoundInput> inputs)
    {
        foreach (ref readonly var input in inputs)
        {
            if (input.Signature == tensor)
            {
                return input.Shape;
            }
        }

        throw new ArgumentException($"The input '{tensor.Name}' is missing.", nameof(inputs));
    }

    private static OutputDimension[] Describe(TensorSignature tensor, string[] names, Dictionary<string, (TensorSignature Input, int Axis)> named)
    {
        var dimensions = new OutputDimension[tensor.Shape.Length];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            dimensions[axis] = tensor.Shape[axis] >= 0 ? new OutputDimension(tensor.Shape[axis], null, -1)
                : named.TryGetValue(names[axis], out var same) ? new OutputDimension(-1, same.Input, same.Axis)
                : OutputDimension.Unknown;
        }

        return dimensions;
    }
}
