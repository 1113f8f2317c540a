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
    private readonly TensorPool _pool;
    private readonly long _jsonBytes;
    private readonly InferenceRequest _request;
    private readonly bool[] _given;
    private Utf8JsonReader _reader;
    private bool _binaryByDefault;

    private InferenceRequestParser(in ReadOnlySequence<byte> json, ModelSignature model, InferenceOptions options, TensorPool pool, InferenceRequest request)
    {
        _model = model;
        _options = options;
        _pool = pool;
        _jsonBytes = json.Length;
        _request = request;
        _given = new bool[model.Inputs.Length];
        _reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = options.MaxJsonDepth });
    }

    /// <summary>Reads a request.</summary>
    /// <param name="json">The whole JSON part.</param>
    /// <param name="model">What the model takes and gives.</param>
    /// <param name="options">The limits.</param>
    /// <param name="pool">Where the tensors' memory comes from.</param>
    /// <exception cref="ProtocolException">400, naming the tensor, what was expected and what was given.</exception>
    public static InferenceRequest Parse(in ReadOnlySequence<byte> json, ModelSignature model, InferenceOptions options, TensorPool pool)
    {
        var request = new InferenceRequest(model.Inputs.Length);
        try
        {
            new InferenceRequestParser(json, model, options, pool, request).ParseRequest();
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
        List<(int Index, bool? Binary)>? outputs = null;
        while (NextMember())
        {
            if (_reader.ValueTextEquals("id"u8))
            {
                Once(ref seen, Members.Id, "the request", "id");
                _request.Id = OptionalText("id");
            }
            else if (_reader.ValueTextEquals("inputs"u8))
            {
                Once(ref seen, Members.Inputs, "the request", "inputs");
                ParseInputs();
            }
            else if (_reader.ValueTextEquals("outputs"u8))
            {
                Once(ref seen, Members.Outputs, "the request", "outputs");
                outputs = ParseOutputs();
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
        _request.Outputs = Resolve(outputs);
    }

    private readonly void RequireInputs()
    {
        for (var i = 0; i < _given.Length; i++)
        {
            if (!_given[i])
            {
                var input = _model.Inputs[i];
                throw ProtocolException.BadRequest(
                    $"Input '{input.Name}' is missing: expected {input.Datatype.Name()} of shape {Shapes.Describe(input.Shape)}.");
            }
        }
    }

    private readonly RequestedOutput[] Resolve(List<(int Index, bool? Binary)>? outputs)
    {
        if (outputs is null or { Count: 0 })
        {
            var all = new RequestedOutput[_model.Outputs.Length];
            for (var i = 0; i < all.Length; i++)
            {
                all[i] = new RequestedOutput(i, _binaryByDefault);
            }

            return all;
        }

        var requested = new RequestedOutput[outputs.Count];
        for (var i = 0; i < requested.Length; i++)
        {
            requested[i] = new RequestedOutput(outputs[i].Index, outputs[i].Binary ?? _binaryByDefault);
        }

        return requested;
    }

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
        TensorSignature? signature = null;
        long[]? shape = null;
        Datatype? datatype = null;
        long? binarySize = null;
        InferenceInput? input = null;

        // The protocol fixes no order of members: data that comes before what describes it is passed over and read at the end.
        var postponed = default(Utf8JsonReader);
        var isPostponed = false;

        while (NextMember())
        {
            var who = signature is null ? "an input" : $"input '{signature.Name}'";
            if (_reader.ValueTextEquals("name"u8))
            {
                Once(ref seen, Members.Name, who, "name");
                signature = InputName();
            }
            else if (_reader.ValueTextEquals("shape"u8))
            {
                Once(ref seen, Members.Shape, who, "shape");
                shape = ParseShape(who);
            }
            else if (_reader.ValueTextEquals("datatype"u8))
            {
                Once(ref seen, Members.Datatype, who, "datatype");
                Expect(JsonTokenType.String, $"The datatype of {who}", "a string");
                datatype = DatatypeFacts.Read(ref _reader)
                    ?? throw ProtocolException.BadRequest($"The datatype of {who} is {Token()}; legal are {DatatypeFacts.Legal}.");
            }
            else if (_reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, who, "parameters");
                binarySize = ParseInputParameters(who);
            }
            else if (_reader.ValueTextEquals("data"u8))
            {
                Once(ref seen, Members.Data, who, "data");
                if (signature is not null && shape is not null && datatype is not null)
                {
                    input = Accept(signature, shape, datatype.Value);
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

        if (signature is null)
        {
            throw ProtocolException.BadRequest($"An input has no name; the model's inputs are {Names(_model.Inputs)}.");
        }

        input ??= Accept(
            signature,
            shape ?? throw ProtocolException.BadRequest($"Input '{signature.Name}' has no shape; expected {Shapes.Describe(signature.Shape)}."),
            datatype ?? throw ProtocolException.BadRequest($"Input '{signature.Name}' has no datatype; expected {signature.Datatype.Name()}."));
        if (isPostponed)
        {
            ReadData(ref postponed, input);
        }

        CheckSource(input, seen.HasFlag(Members.Data), binarySize);
    }

    private TensorSignature InputName()
    {
        Expect(JsonTokenType.String, "The name of an input", "a string");
        var index = _model.FindInput(ref _reader);
        if (index < 0)
        {
            throw ProtocolException.BadRequest($"The model has no input {Token()}; its inputs are {Names(_model.Inputs)}.");
        }

        if (_given[index])
        {
            throw ProtocolException.BadRequest($"Input '{_model.Inputs[index].Name}' is given twice.");
        }

        _given[index] = true;
        return _model.Inputs[index];
    }

    private long[] ParseShape(string who)
    {
        Expect(JsonTokenType.StartArray, $"The shape of {who}", "an array");
        Span<long> shape = stackalloc long[MaxRank];
        var rank = 0;
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == MaxRank)
            {
                throw ProtocolException.BadRequest($"The shape of {who} has more than {MaxRank} dimensions.");
            }

            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out shape[rank]) || shape[rank] < 0)
            {
                throw ProtocolException.BadRequest($"Dimension {rank} of the shape of {who} is {Token()}; it must be a whole number from 0 to {long.MaxValue}.");
            }

            rank++;
        }

        return shape[..rank].ToArray();
    }

    private long? ParseInputParameters(string who)
    {
        if (!Optional(JsonTokenType.StartObject, $"The parameters of {who}", "an object"))
        {
            return null;
        }

        long? size = null;
        while (NextMember())
        {
            if (!_reader.ValueTextEquals("binary_data_size"u8))
            {
                SkipValue();
                continue;
            }

            _reader.Read();
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out var value) || value < 0)
            {
                throw ProtocolException.BadRequest($"The binary_data_size of {who} is {Token()}; it must be a whole number of bytes, 0 or more.");
            }

            size = value;
        }

        return size;
    }

    private readonly InferenceInput Accept(TensorSignature signature, long[] shape, Datatype datatype)
    {
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

        if (shape.Length > 0 && signature.Shape[0] < 0 && (shape[0] < 1 || shape[0] > _options.MaxBatchSize))
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}': the batch of {shape[0]} is outside 1 to {_options.MaxBatchSize}.");
        }

        var elements = Shapes.Elements(shape);
        if (elements < 0 || elements > _options.MaxRequestBytes / signature.Datatype.Size())
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': a tensor of shape {Shapes.Describe(shape)} is larger than the limit of {_options.MaxRequestBytes} bytes.");
        }

        var input = new InferenceInput(signature, shape, (int)elements * signature.Datatype.Size());
        _request.Add(input);
        return input;
    }

    private readonly void ReadData(ref Utf8JsonReader reader, InferenceInput input)
    {
        var signature = input.Signature;
        if (signature.Datatype.IsBinaryOnly())
        {
            throw ProtocolException.BadRequest($"Input '{signature.Name}' is {signature.Datatype.Name()}, which travels only as binary data.");
        }

        // Every element takes at least a digit and a comma: memory is committed only when the body could fill it.
        var elements = Shapes.Elements(input.Shape);
        if (elements > _jsonBytes / 2)
        {
            throw ProtocolException.BadRequest(
                $"Input '{signature.Name}': shape {Shapes.Describe(input.Shape)} needs {elements} elements, and a request of {_jsonBytes} bytes cannot hold them.");
        }

        input.Buffer = _pool.Rent(input.Bytes);
        TensorDataReader.Read(ref reader, input, input.Buffer.Bytes);
    }

    private static void CheckSource(InferenceInput input, bool hasData, long? binarySize)
    {
        var name = input.Signature.Name;
        switch (hasData, binarySize)
        {
            case (true, not null):
                throw ProtocolException.BadRequest($"Input '{name}' has both data and binary_data_size; it must have one of them.");
            case (false, null):
                throw ProtocolException.BadRequest($"Input '{name}' has neither data nor binary_data_size; it must have one of them.");
            case (false, { } size) when size != input.Bytes:
                throw ProtocolException.BadRequest(
                    $"Input '{name}': shape {Shapes.Describe(input.Shape)} of {input.Signature.Datatype.Name()} takes {input.Bytes} bytes, binary_data_size says {size}.");
        }
    }

    private List<(int Index, bool? Binary)> ParseOutputs()
    {
        if (!Optional(JsonTokenType.StartArray, "outputs", "an array"))
        {
            return [];
        }

        var outputs = new List<(int Index, bool? Binary)>(_model.Outputs.Length);
        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                throw ProtocolException.BadRequest($"Every element of outputs must be an object, given {Token()}.");
            }

            var output = ParseOutput();
            foreach (var (index, _) in outputs)
            {
                if (index == output.Index)
                {
                    throw ProtocolException.BadRequest($"Output '{_model.Outputs[index].Name}' is asked for twice.");
                }
            }

            outputs.Add(output);
        }

        return outputs;
    }

    private (int Index, bool? Binary) ParseOutput()
    {
        var seen = default(Members);
        var index = -1;
        bool? binary = null;
        while (NextMember())
        {
            if (_reader.ValueTextEquals("name"u8))
            {
                Once(ref seen, Members.Name, "an output", "name");
                Expect(JsonTokenType.String, "The name of an output", "a string");
                index = _model.FindOutput(ref _reader);
                if (index < 0)
                {
                    throw ProtocolException.BadRequest($"The model has no output {Token()}; its outputs are {Names(_model.Outputs)}.");
                }
            }
            else if (_reader.ValueTextEquals("parameters"u8))
            {
                Once(ref seen, Members.Parameters, "an output", "parameters");
                binary = ParseOutputParameters();
            }
            else
            {
                SkipValue();
            }
        }

        return index < 0
            ? throw ProtocolException.BadRequest($"An output has no name; the model's outputs are {Names(_model.Outputs)}.")
            : (index, binary);
    }

    private bool? ParseOutputParameters()
    {
        if (!Optional(JsonTokenType.StartObject, "The parameters of an output", "an object"))
        {
            return null;
        }

        bool? binary = null;
        while (NextMember())
        {
            if (_reader.ValueTextEquals("binary_data"u8))
            {
                binary = Boolean("binary_data of an output");
            }
            else if (_reader.ValueTextEquals("classification"u8))
            {
                throw ProtocolException.BadRequest("The parameter classification is not supported by this server; the server's extensions are listed at GET /v2.");
            }
            else
            {
                SkipValue();
            }
        }

        return binary;
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

    private string? OptionalText(string what) => Optional(JsonTokenType.String, what, "a string") ? _reader.GetString() : null;

    // Some clients write null for an optional member that they leave out.
    private bool Optional(JsonTokenType type, string what, string expected)
    {
        _reader.Read();
        return _reader.TokenType == type
            || (_reader.TokenType == JsonTokenType.Null ? false : throw ProtocolException.BadRequest($"{what} must be {expected}, given {Token()}."));
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

    private static void Once(ref Members seen, Members member, string who, string name)
    {
        if (seen.HasFlag(member))
        {
            throw ProtocolException.BadRequest($"The member '{name}' of {who} is given twice.");
        }

        seen |= member;
    }

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
