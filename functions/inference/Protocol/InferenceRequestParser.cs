using System.Buffers;
using System.Text;
using System.Text.Json;
using Serverless.Inference.Execution;
using Serverless.Inference.Models;

namespace Serverless.Inference.Protocol;

/// <summary>
/// Reads the JSON part of an inference request in one pass: tensors given as JSON go straight into pooled memory, tensors that follow as binary get their size checked.
/// Members this server does not know are passed over, as the protocol's extensions ask.
/// </summary>
internal ref struct InferenceRequestParser
{
    private const int MaxRank = 32;
    private const int MaxNameInMessage = 80;

    private readonly ModelSignature _model;
    private readonly InferenceOptions _options;
    private readonly int _maxBatch;
    private readonly TensorPool _pool;
    private readonly long _jsonBytes;
    private readonly InferenceRequest _request;
    private readonly Span<long> _shape;
    private Utf8JsonReader _reader;
    private bool _binaryByDefault;

    private InferenceRequestParser(
        in ReadOnlySequence<byte> json, ModelSignature model, InferenceOptions options, int maxBatch, TensorPool pool, InferenceRequest request, Span<long> shape)
    {
        _model = model;
        _options = options;
        _maxBatch = maxBatch;
        _pool = pool;
        _jsonBytes = json.Length;
        _request = request;
        _shape = shape;
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = options.MaxJsonDepth });
    }

    /// <summary>Reads a request.</summary>
    /// <param name="json">The whole JSON part.</param>
    /// <param name="model">What the model takes and gives.</param>
    /// <param name="options">The limits.</param>
    /// <param name="maxBatch">The most rows of a request, where free first dimensions count rows; 0 where they do not.</param>
    /// <param name="pool">Where the tensors' memory comes from.</param>
    /// <exception cref="ProtocolException">400, naming the tensor, what was expected and what was given; 501 for shared memory.</exception>
    public static InferenceRequest Parse(in ReadOnlySequence<byte> json, ModelSignature model, InferenceOptions options, int maxBatch, TensorPool pool)
    {
        Span<long> shape = stackalloc long[MaxRank];
        var request = model.RentRequest();
        try
        {
            new InferenceRequestParser(json, model, options, maxBatch, pool, request, shape).ParseRequest();
            return request;
        }
        catch (JsonException broken)
        {
            request.Dispose();
            throw ProtocolException.BadRequest($"The request is not valid JSON: {broken.Message}");
        }
        catch (Exception broken) when (broken is InvalidOperationException or DecoderFallbackException)
        {
            // Text that is not valid UTF-8, or half of a surrogate pair, shows only when a string is decoded.
            request.Dispose();
            throw ProtocolException.BadRequest("The request's JSON has a string that is not valid UTF-8 text.");
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private void ParseRequest()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.StartObject)
        {
            throw ProtocolException.BadRequest($"The request must be a JSON object, given {Token()}.");
        }

        var seen = default(Members);
        while (NextMember())
        {
            if (_reader.ValueTextEquals("id"u8))
            {
                Once(ref seen, Members.Id, "the request", "id");
                ParseId();
            }
            else if (_reader.ValueTextEquals("inputs"u8))
            {
                Once(ref seen, Members.Inputs, "the request", "inputs");
                ParseInputs();
            }
            else if (_reader.ValueTextEquals("outputs"u8))
            {
                Once(ref seen, Members.Outputs, "the request", "outputs");
                ParseOutputs();
            }
            else if (_reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, "the request", "parameters");
                ParseParameters();
            }
            else
            {
                SkipValue();
            }
        }

        _reader.Read();
        RequireInputs();
        _request.Decide(_binaryByDefault);
    }

    private readonly void RequireInputs()
    {
        for (var i = 0; i < _model.Inputs.Length; i++)
        {
            if (!_request.IsGiven(i))
            {
                var input = _model.Inputs[i];
                throw ProtocolException.BadRequest(
                    $"Input '{input.Name}' is missing: expected {input.Datatype.Name()} of shape {Shapes.Describe(input.Shape)}.");
            }
        }
    }

    private void ParseId()
    {
        if (Optional(JsonTokenType.String, "id", "a string"))
        {
            var length = _reader.HasValueSequence ? _reader.ValueSequence.Length : _reader.ValueSpan.Length;
            _request.SetId(_reader.CopyString(_request.IdBuffer((int)length)));
        }
    }

    // Sequences are for models with a state; a stateless one gives the same answer with and without, so what is said about them is checked and goes no further.
    private void ParseParameters()
    {
        if (!Optional(JsonTokenType.StartObject, "parameters", "an object"))
        {
            return;
        }

        while (NextMember())
        {
            if (_reader.ValueTextEquals("binary_data_output"u8))
            {
                _binaryByDefault = Boolean("parameters.binary_data_output");
            }
            else if (_reader.ValueTextEquals("priority"u8))
            {
                _request.Priority = (uint)Whole("parameters.priority", uint.MaxValue);
            }
            else if (_reader.ValueTextEquals("timeout"u8))
            {
                _request.TimeoutMicroseconds = Whole("parameters.timeout", long.MaxValue);
            }
            else if (_reader.ValueTextEquals("sequence_start"u8))
            {
                Boolean("parameters.sequence_start");
            }
            else if (_reader.ValueTextEquals("sequence_end"u8))
            {
                Boolean("parameters.sequence_end");
            }
            else if (_reader.ValueTextEquals("sequence_id"u8))
            {
                _reader.Read();
                if (_reader.TokenType != JsonTokenType.String && (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetUInt64(out _)))
                {
                    throw ProtocolException.BadRequest($"parameters.sequence_id must be a string or a whole number from 0 to {ulong.MaxValue}, given {Token()}.");
                }
            }
            else
            {
                SkipValue();
            }
        }
    }

    private void ParseInputs()
    {
        Expect(JsonTokenType.StartArray, "inputs", "an array");
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw ProtocolException.BadRequest($"Every element of inputs must be an object, given {Token()}.");
            }

            ParseInput();
        }
    }

    private void ParseInput()
    {
        var seen = default(Members);
        var index = -1;
        var rank = -1;
        Datatype? datatype = null;
        long? binarySize = null;
        InferenceInput? input = null;

        // The protocol fixes no order of members: data that comes before what describes it is passed over and read at the end.
        var postponed = default(Utf8JsonReader);
        var isPostponed = false;

        while (NextMember())
        {
            if (_reader.ValueTextEquals("name"u8))
            {
                Once(ref seen, Members.Name, null, "name", index);
                index = InputName();
            }
            else if (_reader.ValueTextEquals("shape"u8))
            {
                Once(ref seen, Members.Shape, null, "shape", index);
                rank = ParseShape(index);
            }
            else if (_reader.ValueTextEquals("datatype"u8))
            {
                Once(ref seen, Members.Datatype, null, "datatype", index);
                datatype = ParseDatatype(index);
            }
            else if (_reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, null, "parameters", index);
                binarySize = ParseInputParameters(index);
            }
            else if (_reader.ValueTextEquals("data"u8))
            {
                Once(ref seen, Members.Data, null, "data", index);
                if (index >= 0 && rank >= 0 && datatype is { } known)
                {
                    input = Accept(index, _shape[..rank], known);
                    ReadData(ref _reader, input);
                }
                else
                {
                    postponed = _reader;
                    isPostponed = true;
                    SkipValue();
                }
            }
            else
            {
                SkipValue();
            }
        }

        input ??= Accept(index, rank, datatype);
        if (isPostponed)
        {
            ReadData(ref postponed, input);
        }

        CheckSource(input, seen.HasFlag(Members.Data), binarySize);
    }

    private int InputName()
    {
        Expect(JsonTokenType.String, "The name of an input", "a string");
        var index = _model.FindInput(ref _reader);
        if (index < 0)
        {
            throw ProtocolException.BadRequest($"The model has no input {Token()}; its inputs are {Names(_model.Inputs)}.");
        }

        return _request.IsGiven(index) ? throw ProtocolException.BadRequest($"Input '{_model.Inputs[index].Name}' is given twice.") : index;
    }

    private Datatype ParseDatatype(int index)
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.String)
        {
            throw ProtocolException.BadRequest($"The datatype of {Who(index)} must be a string, given {Token()}.");
        }

        return DatatypeFacts.Read(ref _reader)
            ?? throw ProtocolException.BadRequest($"The datatype of {Who(index)} is {Token()}; legal are {DatatypeFacts.Legal}.");
    }

    private int ParseShape(int index)
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw ProtocolException.BadRequest($"The shape of {Who(index)} must be an array, given {Token()}.");
        }

        var rank = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == MaxRank)
            {
                throw ProtocolException.BadRequest($"The shape of {Who(index)} has more than {MaxRank} dimensions.");
            }

            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out _shape[rank]) || _shape[rank] < 0)
            {
                throw ProtocolException.BadRequest($"Dimension {rank} of the shape of {Who(index)} is {Token()}; it must be a whole number from 0 to {long.MaxValue}.");
            }

            rank++;
        }

        return rank;
    }

    private long? ParseInputParameters(int index)
    {
        if (!Optional(JsonTokenType.StartObject, "The parameters of ", "an object", index))
        {
            return null;
        }

        long? size = null;
        while (NextMember())
        {
            RefuseSharedMemory();
            if (!_reader.ValueTextEquals("binary_data_size"u8))
            {
                SkipValue();
                continue;
            }

            _reader.Read();
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out var value) || value < 0)
            {
                throw ProtocolException.BadRequest($"The binary_data_size of {Who(index)} is {Token()}; it must be a whole number of bytes, 0 or more.");
            }

            size = value;
        }

        return size;
    }

    private readonly InferenceInput Accept(int index, int rank, Datatype? datatype)
    {
        if (index < 0)
        {
            throw ProtocolException.BadRequest($"An input has no name; the model's inputs are {Names(_model.Inputs)}.");
        }

        var signature = _model.Inputs[index];
        if (rank < 0)
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}' has no shape; expected {Shapes.Describe(signature.Shape)}.");
        }

        return Accept(
            index,
            _shape[..rank],
            datatype ?? throw ProtocolException.BadRequest($"Input '{signature.Name}' has no datatype; expected {signature.Datatype.Name()}."));
    }

    private readonly InferenceInput Accept(int index, ReadOnlySpan<long> shape, Datatype datatype)
    {
        var signature = _model.Inputs[index];
        if (datatype != signature.Datatype)
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}': expected datatype {signature.Datatype.Name()}, given {datatype.Name()}.");
        }

        var fits = shape.Length == signature.Shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            fits = signature.Shape[i] < 0 || signature.Shape[i] == shape[i];
        }

        if (!fits)
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': expected shape {Shapes.Describe(signature.Shape)} (-1 is any), given {Shapes.Describe(shape)}.");
        }

        if (_maxBatch > 0 && shape.Length > 0 && signature.Shape[0] < 0 && (shape[0] < 1 || shape[0] > _maxBatch))
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}': the batch of {shape[0]} is outside 1 to {_maxBatch}.");
        }

        var elements = Shapes.Elements(shape);
        if (elements < 0 || elements > _options.MaxRequestBytes / signature.Datatype.Size())
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': a tensor of shape {Shapes.Describe(shape)} is larger than the limit of {_options.MaxRequestBytes} bytes.");
        }

        return _request.Add(index, shape, (int)elements, (int)elements * signature.Datatype.Size());
    }

    private readonly void ReadData(ref Utf8JsonReader reader, InferenceInput input)
    {
        var signature = input.Signature;
        if (signature.Datatype.IsBinaryOnly())
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}' is {signature.Datatype.Name()}, which travels only as binary data.");
        }

        // Every element takes at least a digit and a comma: memory is committed only when the body could fill it.
        if (input.Elements > _jsonBytes / 2)
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': shape {Shapes.Describe(input.Shape)} needs {input.Elements} elements, and a request of {_jsonBytes} bytes cannot hold them.");
        }

        if (signature.Datatype == Datatype.Bytes)
        {
            // An element is no longer decoded than it is written.
            var end = reader;
            end.Read();
            end.Skip();
            var into = input.Rent(_pool, input.Bytes + (int)(end.BytesConsumed - reader.BytesConsumed));
            input.Shrink(TensorDataReader.ReadText(ref reader, input, into));
        }
        else
        {
            TensorDataReader.Read(ref reader, input, input.Rent(_pool));
        }
    }

    private readonly void CheckSource(InferenceInput input, bool hasData, long? binarySize)
    {
        var name = input.Signature.Name;
        switch (hasData, binarySize)
        {
            case (true, not null):
                throw ProtocolException.BadRequest($"Input '{name}' has both data and binary_data_size; it must have one of them.");
            case (false, null):
                throw ProtocolException.BadRequest($"Input '{name}' has neither data nor binary_data_size; it must have one of them.");
            case (false, { } size) when input.Signature.Datatype == Datatype.Bytes:
                input.Announce(size >= input.Bytes && size <= _options.MaxRequestBytes
                    ? (int)size
                    : throw ProtocolException.BadRequest(
                        $"Input '{name}': {input.Elements} elements of BYTES take {input.Bytes} to {_options.MaxRequestBytes} bytes, binary_data_size says {size}."));
                break;
            case (false, { } size) when size != input.Bytes:
                throw ProtocolException.BadRequest(
                    $"Input '{name}': shape {Shapes.Describe(input.Shape)} of {input.Signature.Datatype.Name()} takes {input.Bytes} bytes, binary_data_size says {size}.");
        }
    }

    private void ParseOutputs()
    {
        if (!Optional(JsonTokenType.StartArray, "outputs", "an array"))
        {
            return;
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw ProtocolException.BadRequest($"Every element of outputs must be an object, given {Token()}.");
            }

            ParseOutput();
        }
    }

    private void ParseOutput()
    {
        var seen = default(Members);
        var index = -1;
        bool? binary = null;
        var classes = 0;
        while (NextMember())
        {
            if (_reader.ValueTextEquals("name"u8))
            {
                Once(ref seen, Members.Name, "an output", "name");
                index = OutputName();
            }
            else if (_reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, "an output", "parameters");
                ParseOutputParameters(ref binary, ref classes);
            }
            else
            {
                SkipValue();
            }
        }

        if (index < 0)
        {
            throw ProtocolException.BadRequest($"An output has no name; the model's outputs are {Names(_model.Outputs)}.");
        }

        if (classes > 0)
        {
            Classification.Admit(_model.Outputs[index]);
        }

        _request.Ask(index, binary, classes);
    }

    private int OutputName()
    {
        Expect(JsonTokenType.String, "The name of an output", "a string");
        var index = _model.FindOutput(ref _reader);
        if (index < 0)
        {
            throw ProtocolException.BadRequest($"The model has no output {Token()}; its outputs are {Names(_model.Outputs)}.");
        }

        foreach (var output in _request.AskedFor)
        {
            if (output.Index == index)
            {
                throw ProtocolException.BadRequest($"Output '{_model.Outputs[index].Name}' is asked for twice.");
            }
        }

        return index;
    }

    private void ParseOutputParameters(ref bool? binary, ref int classes)
    {
        if (!Optional(JsonTokenType.StartObject, "The parameters of an output", "an object"))
        {
            return;
        }

        while (NextMember())
        {
            RefuseSharedMemory();
            if (_reader.ValueTextEquals("binary_data"u8))
            {
                binary = Boolean("binary_data of an output");
            }
            else if (_reader.ValueTextEquals("classification"u8))
            {
                classes = (int)Whole("classification of an output", int.MaxValue);
            }
            else
            {
                SkipValue();
            }
        }
    }

    private readonly void RefuseSharedMemory()
    {
        if (_reader.ValueTextEquals("shared_memory_region"u8))
        {
            throw ProtocolException.NotSupported("Shared memory is not supported by this server; send and ask for the tensors with the request.");
        }
    }

    private bool NextMember() => _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName;

    private void SkipValue()
    {
        _reader.Read();
        _reader.Skip();
    }

    private void Expect(JsonTokenType type, string what, string expected)
    {
        _reader.Read();
        if (_reader.TokenType != type)
        {
            throw ProtocolException.BadRequest($"{what} must be {expected}, given {Token()}.");
        }
    }

    // Some clients write null for an optional member that they leave out.
    private bool Optional(JsonTokenType type, string what, string expected, int? input = null)
    {
        _reader.Read();
        return _reader.TokenType == type
            || (_reader.TokenType == JsonTokenType.Null
                ? false
                : throw ProtocolException.BadRequest($"{what}{(input is { } index ? Who(index) : "")} must be {expected}, given {Token()}."));
    }

    private long Whole(string what, long most)
    {
        _reader.Read();
        return _reader.TokenType == JsonTokenType.Number && _reader.TryGetInt64(out var value) && value >= 0 && value <= most
            ? value
            : throw ProtocolException.BadRequest($"{what} must be a whole number from 0 to {most}, given {Token()}.");
    }

    private bool Boolean(string what)
    {
        _reader.Read();
        return _reader.TokenType switch
        {
            JsonTokenType.True => true,
            JsonTokenType.False => false,
            _ => throw ProtocolException.BadRequest($"{what} must be true or false, given {Token()}."),
        };
    }

    private readonly void Once(ref Members seen, Members member, string? who, string name, int input = -1)
    {
        if (seen.HasFlag(member))
        {
            throw ProtocolException.BadRequest($"The member '{name}' of {who ?? Who(input)} is given twice.");
        }

        seen |= member;
    }

    private readonly string Who(int index) => index < 0 ? "an input" : $"input '{_model.Inputs[index].Name}'";

    private readonly string Token() => JsonTokens.Describe(in _reader, MaxNameInMessage);

    private static string Names(ReadOnlySpan<TensorSignature> tensors)
    {
        var names = new StringBuilder();
        foreach (var tensor in tensors)
        {
            names.Append(names.Length == 0 ? "'" : ", '").Append(tensor.Name).Append('\'');
        }

        return names.ToString();
    }

    [Flags]
    private enum Members
    {
        Id = 1,
        Inputs = 2,
        Outputs = 4,
        Parameters = 8,
        Name = 16,
        Shape = 32,
        Datatype = 64,
        Data = 128,
    }
}
