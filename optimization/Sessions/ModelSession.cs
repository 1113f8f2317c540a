using Serverless.Optimization.Data;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Serverless.Core.Models;
using Serverless.Core.Validation;

namespace Serverless.Optimization.Sessions;

/// <summary>A model with one input, loaded as it is served: with all of ONNX Runtime's optimisations. Runs may overlap.</summary>
public sealed class ModelSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly NodeMetadata _input;
    private readonly int[] _rowShape;

    /// <summary>Loads a model.</summary>
    /// <param name="onnx">Its bytes.</param>
    /// <param name="threads">Threads of the processor that one run may use.</param>
    /// <param name="device">What it runs on.</param>
    /// <exception cref="ValidationException">ONNX Runtime refuses it or the device, or it has not one input of numbers.</exception>
    public ModelSession(byte[] onnx, int threads = 1, SessionDevice device = SessionDevice.Cpu)
    {
        using var options = Runtime.CreateOptions(device);
        options.IntraOpNumThreads = threads;
        try
        {
            _session = new InferenceSession(onnx, options);
        }
        catch (OnnxRuntimeException refused)
        {
            throw new ValidationException("model", $"ONNX Runtime refuses it: {refused.Message}");
        }

        if (_session.InputNames.Count != 1)
        {
            var inputs = string.Join(", ", _session.InputNames);
            _session.Dispose();
            throw new ValidationException("model", $"takes {_session.InputNames.Count} inputs ({inputs}); legal is 1");
        }

        _input = _session.InputMetadata[_session.InputNames[0]];
        _rowShape = _input.Dimensions.Length == 0 ? [] : _input.Dimensions[1..];
    }

    /// <summary>What it takes.</summary>
    public IReadOnlyList<ModelTensor> Inputs => [.. _session.InputNames.Select(name => Describe(name, _session.InputMetadata[name]))];

    /// <summary>What it gives.</summary>
    public IReadOnlyList<ModelTensor> Outputs => [.. _session.OutputNames.Select(name => Describe(name, _session.OutputMetadata[name]))];

    /// <summary>Bytes of an element of the input.</summary>
    public int ElementBytes => BytesOf(_input.ElementDataType);

    /// <summary>The rows that a run takes where this many are wished for: a model may be made for one number of rows alone.</summary>
    public int BatchFor(int rows) => _input.Dimensions is [> 0 and var only, ..] ? only : rows;

    /// <summary>Runs rows and gives the first output, which is a network's own, as numbers.</summary>
    /// <exception cref="ValidationException">The output is not of numbers, or a row's shape cannot be told from its length.</exception>
    public float[] Run(SampleRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var input = CreateInput(rows);
        using var outputs = _session.Run(_options, _session.InputNames, [input], [_session.OutputNames[0]]);
        return FloatsOf(outputs[0]);
    }

    /// <summary>Runs rows for the sake of the time it takes: what it gives is left where it is.</summary>
    public void RunOnly(SampleRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var input = CreateInput(rows);
        using var outputs = _session.Run(_options, _session.InputNames, [input], _session.OutputNames);
    }

    /// <summary>Runs rows and shows tensors that are outputs or the input itself.</summary>
    internal void RunAll(SampleRows rows, IReadOnlyCollection<string> tensors, TensorVisitor visit)
    {
        using var input = CreateInput(rows);
        var wanted = tensors.Where(tensor => tensor != _session.InputNames[0]).ToList();
        if (wanted.Count < tensors.Count)
        {
            visit(_session.InputNames[0], FloatsOf(input));
        }

        if (wanted.Count > 0)
        {
            using var outputs = _session.Run(_options, _session.InputNames, [input], wanted);
            for (var i = 0; i < wanted.Count; i++)
            {
                visit(wanted[i], outputs[i].GetTensorDataAsSpan<float>());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private OrtValue CreateInput(SampleRows rows)
    {
        var input = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, _input.ElementDataType, [rows.Count, .. RowShape(rows.RowBytes)]);
        rows.Bytes.CopyTo(input.GetTensorMutableRawData());
        return input;
    }

    private long[] RowShape(int rowBytes)
    {
        // One dimension that the model leaves open follows from the length of a row.
        var known = _rowShape.Where(dimension => dimension > 0).Aggregate((long)ElementBytes, (product, dimension) => product * dimension);
        var open = _rowShape.Count(dimension => dimension <= 0);
        if (open > 1 || rowBytes % known != 0 || (open == 0 && rowBytes != known))
        {
            throw new ValidationException(
                "rows", $"have {rowBytes} bytes, {rowBytes / ElementBytes} elements of type {_input.ElementDataType}; the model's input is [{string.Join(",", _input.Dimensions)}]");
        }

        return Array.ConvertAll(_rowShape, dimension => dimension > 0 ? dimension : rowBytes / known);
    }

    private static float[] FloatsOf(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        TensorElementType.Double => Array.ConvertAll(value.GetTensorDataAsSpan<double>().ToArray(), number => (float)number),
        TensorElementType.Float16 => Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), number => (float)number),
        var other => throw new ValidationException("model", $"gives elements of type {other}; legal are floating point numbers"),
    };

    private static int BytesOf(TensorElementType type) => type switch
    {
        TensorElementType.UInt8 or TensorElementType.Int8 or TensorElementType.Bool => 1,
        TensorElementType.UInt16 or TensorElementType.Int16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.UInt32 or TensorElementType.Int32 or TensorElementType.Float => 4,
        TensorElementType.UInt64 or TensorElementType.Int64 or TensorElementType.Double => 8,
        var other => throw new ValidationException("model", $"takes elements of type {other}; legal are numbers"),
    };

    private static ModelTensor Describe(string name, NodeMetadata metadata) => new(
        name,
        metadata.ElementDataType switch
        {
            TensorElementType.Float => "FP32",
            TensorElementType.Float16 => "FP16",
            TensorElementType.Double => "FP64",
            TensorElementType.BFloat16 => "BF16",
            TensorElementType.String => "BYTES",
            var other => other.ToString().ToUpperInvariant(),
        },
        [.. metadata.Dimensions.Select(dimension => (long)dimension)]);
}
