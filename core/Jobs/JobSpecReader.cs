using System.Globalization;
using System.Text.Json;
using Serverless.Core.Networks;
using Serverless.Core.Storage;
using Serverless.Core.Validation;

namespace Serverless.Core.Jobs;

/// <summary>Reads a <see cref="JobSpec"/> from JSON and finds everything that is wrong with it without looking at any dataset.</summary>
internal static class JobSpecReader
{
    public static JobSpec Read(JsonElement root)
    {
        var errors = new FieldErrors();
        var fields = new ObjectReader(root, "", errors);
        var spec = ReadFields(fields, errors);
        if (fields.IsObject)
        {
            fields.Finish();
        }

        errors.ThrowIfAny();
        return spec;
    }

    private static JobSpec ReadFields(ObjectReader fields, FieldErrors errors)
    {
        var spec = new JobSpec
        {
            Name = Display(fields, "name"),
            Dataset = Name(fields, "dataset", "the name of a dataset"),
            Network = Network(fields, errors),
            Loss = fields.Choice("loss", LossKind.CrossEntropy),
            Shards = fields.Whole("shards", 1, JobLimits.Shards, 1),
            BatchSize = fields.Whole("batchSize", 1, JobLimits.BatchSize, 64),
            Epochs = fields.OptionalNumber("epochs", Interval.LeftOpen(0, JobLimits.Epochs)),
            Rounds = fields.OptionalWhole("rounds", 1, JobLimits.Rounds),
            LocalSteps = fields.Whole("localSteps", 1, JobLimits.LocalSteps, 1),
            Seed = fields.OptionalWhole("seed", 0, JobLimits.Seed) ?? 1,
            Optimizer = Nested(fields, "optimizer", OptimizerSpec.Read, new OptimizerSpec()),
            Schedule = Nested(fields, "schedule", ScheduleSpec.Read, new ScheduleSpec()),
            Outer = Nested(fields, "outer", OuterSpec.Read, new OuterSpec()),
            Aggregation = fields.Choice("aggregation", Aggregation.Trainers),
            EvaluateEvery = fields.OptionalWhole("evaluateEvery", 1, JobLimits.Rounds),
            Deadline = Deadline(fields, "deadline"),
            Publish = Nested(fields, "publish", Publish, null),
            Pruning = Nested(fields, "pruning", PruningSpec.Read, null),
            Precision = fields.Choice("precision", Precision.Float32),
            Compression = fields.Choice("compression", Compression.None),
        };
        CheckTogether(spec, fields);
        return spec;
    }

    private static void CheckTogether(JobSpec spec, ObjectReader fields)
    {
        if (fields.TryGet("epochs", out _) == fields.TryGet("rounds", out _) && fields.IsObject)
        {
            fields.Fail("epochs", fields.TryGet("rounds", out _) ? "is given together with rounds; legal is one of the two" : "is missing; either epochs or rounds is needed");
        }

        if (spec is { LocalSteps: 1, Outer.Type: not OuterKind.Average })
        {
            fields.Fail("outer", $"is {EnumWords.For(spec.Outer.Type)}; legal only with localSteps of 2 or more, where rounds have an optimizer of their own");
        }
    }

    private static NetworkSpec Network(ObjectReader fields, FieldErrors errors)
    {
        if (fields.TryGet("network", out var network))
        {
            return NetworkSpec.Read(network, "network", errors);
        }

        fields.Missing("network", """a network such as {"preset": "cnn-small"} or {"layers": […]}""");
        return new NetworkSpec([]);
    }

    private static T Nested<T>(ObjectReader fields, string field, Func<ObjectReader, T> read, T absent)
    {
        if (!fields.TryGet(field, out var value))
        {
            return absent;
        }

        var nested = new ObjectReader(value, field, fields.Errors);
        if (!nested.IsObject)
        {
            return absent;
        }

        var result = read(nested);
        nested.Finish();
        return result;
    }

    private static PublishSpec? Publish(ObjectReader fields) => PublishSpec.Read(fields, Name(fields, "model", "the name to publish the model under"));

    private static string Name(ObjectReader fields, string field, string what)
    {
        var name = fields.Text(field, what);
        if (name.Length > 0 || (fields.TryGet(field, out var value) && value.ValueKind == JsonValueKind.String))
        {
            EntityName.Validate(name, fields.PathOf(field), fields.Errors);
        }

        return name;
    }

    private static string? Display(ObjectReader fields, string field)
    {
        var name = fields.OptionalText(field);
        if (name is not null && (name.Length is 0 or > JobLimits.NameLength || name.Any(char.IsControl)))
        {
            fields.Fail(field, $"is \"{ObjectReader.Quote(name)}\"; legal 1 to {JobLimits.NameLength} characters, none of them a control character");
        }

        return name;
    }

    private static TimeSpan? Deadline(ObjectReader fields, string field)
    {
        if (fields.OptionalText(field) is not { } text)
        {
            return null;
        }

        if (TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var deadline)
            && deadline >= JobLimits.ShortestDeadline && deadline <= JobLimits.LongestDeadline)
        {
            return deadline;
        }

        fields.Fail(field, $"is \"{ObjectReader.Quote(text)}\"; legal {JobLimits.ShortestDeadline:c}..{JobLimits.LongestDeadline:c}, written [days.]hours:minutes:seconds");
        return null;
    }
}
