using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>Writes a <see cref="JobSpec"/> in its canonical form.</summary>
internal static class JobSpecWriter
{
    public static byte[] Write(JobSpec spec)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            WriteFields(json, spec);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteFields(Utf8JsonWriter json, JobSpec spec)
    {
        if (spec.Name is { } name)
        {
            json.WriteString("name", name);
        }

        json.WriteString("dataset", spec.Dataset);
        json.WritePropertyName("network");
        spec.Network.Write(json);
        json.WriteString("loss", EnumWords.For(spec.Loss));
        json.WriteNumber("shards", spec.Shards);
        json.WriteNumber("batchSize", spec.BatchSize);
        if (spec.Epochs is { } epochs)
        {
            json.WriteNumber("epochs", epochs);
        }

        if (spec.Rounds is { } rounds)
        {
            json.WriteNumber("rounds", rounds);
        }

        json.WriteNumber("localSteps", spec.LocalSteps);
        json.WriteNumber("seed", spec.Seed);
        Nested(json, "optimizer", spec.Optimizer.Write);
        Nested(json, "schedule", spec.Schedule.Write);
        Nested(json, "outer", spec.Outer.Write);
        json.WriteString("aggregation", EnumWords.For(spec.Aggregation));
        if (spec.EvaluateEvery is { } every)
        {
            json.WriteNumber("evaluateEvery", every);
        }

        if (spec.Deadline is { } deadline)
        {
            json.WriteString("deadline", deadline.ToString("c", CultureInfo.InvariantCulture));
        }

        if (spec.Publish is { } publish)
        {
            Nested(json, "publish", publish.Write);
        }

        if (spec.Pruning is { } pruning)
        {
            Nested(json, "pruning", pruning.Write);
        }

        json.WriteString("precision", EnumWords.For(spec.Precision));
        json.WriteString("compression", EnumWords.For(spec.Compression));
    }

    private static void Nested(Utf8JsonWriter json, string name, Action<Utf8JsonWriter> write)
    {
        json.WriteStartObject(name);
        write(json);
        json.WriteEndObject();
    }
}
