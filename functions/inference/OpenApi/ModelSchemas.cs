using System.Text.Json.Nodes;
using Serverless.Inference.Models;
using Serverless.Inference.Protocol;

namespace Serverless.Inference.OpenApi;

/// <summary>JSON schemas (draft 2020-12, as OpenAPI 3.1 takes them) of what a model takes and gives.</summary>
internal static class ModelSchemas
{
    /// <summary>An inference request to a model.</summary>
    public static JsonObject Request(ServedModel model) => Object(
        ["inputs"],
        ("id", Type("string", "Comes back in the response")),
        ("parameters", AnyObject()),
        ("inputs", Tuple(model.Signature.Inputs, isInput: true)),
        ("outputs", new JsonObject
        {
            ["type"] = "array",
            ["description"] = "The outputs to send; all where this is left out",
            ["items"] = Object(["name"], ("name", OneOf(model.Signature.Outputs)), ("parameters", AnyObject())),
        }));

    /// <summary>A model's response with all outputs as JSON.</summary>
    public static JsonObject Response(ServedModel model) => Object(
        ["model_name", "model_version", "outputs"],
        ("model_name", new JsonObject { ["const"] = model.Name }),
        ("model_version", new JsonObject { ["const"] = model.VersionText }),
        ("id", Type("string", "The request's")),
        ("outputs", Tuple(model.Signature.Outputs, isInput: false)));

    /// <summary>An error.</summary>
    public static JsonObject Error() => Object(["error"], ("error", Type("string", "What was wrong")));

    /// <summary>Any JSON object.</summary>
    public static JsonObject AnyObject() => new() { ["type"] = "object" };

    // Tensors may come in any order, so each element is one of them.
    private static JsonObject Tuple(ReadOnlySpan<TensorSignature> tensors, bool isInput)
    {
        var any = new JsonArray();
        foreach (var tensor in tensors)
        {
            any.Add(Tensor(tensor));
        }

        var schema = new JsonObject { ["type"] = "array", ["items"] = any is [var only] ? only!.DeepClone() : new JsonObject { ["anyOf"] = any } };
        if (isInput)
        {
            schema["minItems"] = tensors.Length;
            schema["maxItems"] = tensors.Length;
        }

        return schema;
    }

    private static JsonObject Tensor(TensorSignature tensor)
    {
        var data = new JsonObject
        {
            ["type"] = "array",
            ["description"] = $"{tensor.Datatype.Name()} {Shapes.Describe(tensor.Shape)}, flat or nested as the shape, in row-major order",
        };
        if (tensor.Datatype.IsBinaryOnly())
        {
            data["description"] = $"{tensor.Datatype.Name()} travels only as binary data: leave this out and state parameters.binary_data_size";
        }
        else
        {
            data["items"] = new JsonObject { ["anyOf"] = new JsonArray(Element(tensor.Datatype), new JsonObject { ["type"] = "array" }) };
        }

        return Object(
            ["name", "datatype", "shape"],
            ("name", new JsonObject { ["const"] = tensor.Name }),
            ("datatype", new JsonObject { ["const"] = tensor.Datatype.Name() }),
            ("shape", Shape(tensor.Shape)),
            ("parameters", AnyObject()),
            ("data", data));
    }

    private static JsonObject Shape(ReadOnlySpan<long> shape)
    {
        var dimensions = new JsonArray();
        var example = new JsonArray();
        foreach (var dimension in shape)
        {
            dimensions.Add(dimension < 0 ? new JsonObject { ["type"] = "integer", ["minimum"] = 0 } : new JsonObject { ["const"] = dimension });
            example.Add(Math.Abs(dimension));
        }

        var schema = new JsonObject { ["type"] = "array", ["minItems"] = shape.Length, ["maxItems"] = shape.Length, ["examples"] = new JsonArray(example) };
        if (shape.Length > 0)
        {
            schema["prefixItems"] = dimensions;
        }

        return schema;
    }

    private static JsonObject Element(Datatype datatype)
    {
        JsonObject Whole(JsonNode least, JsonNode most) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };
        return datatype switch
        {
            Datatype.Bool => new JsonObject { ["type"] = "boolean" },
            Datatype.UInt8 => Whole(byte.MinValue, byte.MaxValue),
            Datatype.UInt16 => Whole(ushort.MinValue, ushort.MaxValue),
            Datatype.UInt32 => Whole(uint.MinValue, uint.MaxValue),
            Datatype.UInt64 => Whole(ulong.MinValue, ulong.MaxValue),
            Datatype.Int8 => Whole(sbyte.MinValue, sbyte.MaxValue),
            Datatype.Int16 => Whole(short.MinValue, short.MaxValue),
            Datatype.Int32 => Whole(int.MinValue, int.MaxValue),
            Datatype.Int64 => Whole(long.MinValue, long.MaxValue),
            Datatype.Bytes => new JsonObject { ["type"] = "string" },
            _ => new JsonObject { ["type"] = "number" },
        };
    }

    private static JsonObject OneOf(ReadOnlySpan<TensorSignature> tensors)
    {
        var names = new JsonArray();
        foreach (var tensor in tensors)
        {
            names.Add(tensor.Name);
        }

        return new JsonObject { ["enum"] = names };
    }

    private static JsonObject Type(string type, string description) => new() { ["type"] = type, ["description"] = description };

    private static JsonObject Object(string[] required, params (string Name, JsonObject Schema)[] members)
    {
        var properties = new JsonObject();
        foreach (var (name, schema) in members)
        {
            properties[name] = schema;
        }

        return new JsonObject { ["type"] = "object", ["required"] = new JsonArray([.. required.Select(name => JsonValue.Create(name))]), ["properties"] = properties };
    }
}
