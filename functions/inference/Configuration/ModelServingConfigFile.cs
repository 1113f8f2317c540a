using System.Globalization;
using System.Text.Json;
using Serverless.Core.Validation;

namespace Serverless.Inference.Configuration;

/// <summary>The JSON of model configurations. Reading is strict: a misspelt member is an error that says what was probably meant.</summary>
public static class ModelServingConfigFile
{
    /// <summary>The longest text accepted, in bytes.</summary>
    public const int MaximumBytes = 1 << 20;

    private const int MaximumVersion = 999_999;
    private const int MaximumInstances = 1024;
    private const int MaximumBatch = 1 << 20;
    private const int MaximumPriorities = 256;
    private const int MaximumQueue = 1 << 20;
    private const int MaximumWarmups = 1000;
    private const long MaximumMicroseconds = 3_600_000_000;

    private static readonly Dictionary<string, InstanceKind> Kinds = new()
    {
        ["KIND_AUTO"] = InstanceKind.Auto,
        ["KIND_CPU"] = InstanceKind.Cpu,
        ["KIND_GPU"] = InstanceKind.Gpu,
    };

    private static readonly Dictionary<string, TimeoutAction> Actions = new()
    {
        ["REJECT"] = TimeoutAction.Reject,
        ["DELAY"] = TimeoutAction.Delay,
    };

    /// <summary>Reads a configuration.</summary>
    /// <param name="json">UTF-8 text.</param>
    /// <param name="model">The model it is for.</param>
    /// <exception cref="ValidationException">Everything that is wrong with it.</exception>
    public static ModelServingConfig Read(ReadOnlyMemory<byte> json, string model)
    {
        using var document = JsonInput.Parse(json, MaximumBytes);
        var errors = new FieldErrors();
        var config = Read(new ObjectReader(document.RootElement, "", errors), model);
        errors.ThrowIfAny();
        return config;
    }

    /// <summary>Writes a configuration as this class reads it.</summary>
    public static byte[] Write(ModelServingConfig config) => JsonSerializer.SerializeToUtf8Bytes(config, ModelServingConfigJson.Default.ModelServingConfig);

    private static ModelServingConfig Read(ObjectReader root, string model)
    {
        var name = root.OptionalText("name");
        if (name is not null && name != model)
        {
            root.Fail("name", $"is \"{ObjectReader.Quote(name)}\"; the model is called \"{model}\"");
        }

        Only(root, "platform", ModelServingConfig.OnnxPlatform);
        Only(root, "backend", ModelServingConfig.OnnxBackend);
        var config = new ModelServingConfig
        {
            Name = name,
            VersionPolicy = Nested(root, "version_policy") is { } policy ? ReadVersionPolicy(policy) : VersionPolicy.Newest,
            MaxBatchSize = root.OptionalWhole("max_batch_size", 0, MaximumBatch),
            Input = [.. Objects(root, "input").Select(ReadTensor)],
            Output = [.. Objects(root, "output").Select(ReadTensor)],
            InstanceGroup = [.. Objects(root, "instance_group").Select(ReadInstanceGroup)],
            DynamicBatching = Nested(root, "dynamic_batching") is { } batching ? ReadDynamicBatching(batching) : null,
            ModelWarmup = [.. Objects(root, "model_warmup").Select(ReadWarmup)],
            Optimization = Nested(root, "optimization") is { } optimization ? ReadOptimization(optimization) : new ModelOptimization(),
            Parameters = ReadParameters(root),
        };
        root.Finish();
        return config;
    }

    private static void Only(ObjectReader reader, string field, string legal)
    {
        if (reader.OptionalText(field) is { Length: > 0 } text && text != legal)
        {
            reader.Fail(field, $"is \"{ObjectReader.Quote(text)}\"; legal is {legal}");
        }
    }

    private static VersionPolicy ReadVersionPolicy(ObjectReader reader)
    {
        var latest = Nested(reader, "latest");
        var all = Nested(reader, "all");
        var specific = Nested(reader, "specific");
        var policy = new VersionPolicy
        {
            Latest = latest is null ? null : new LatestVersions(latest.Whole("num_versions", 1, MaximumVersion, 1)),
            All = all is null ? null : new AllVersions(),
            Specific = specific is null ? null : new SpecificVersions([.. Wholes(specific, "versions", 1, MaximumVersion).Select(version => (int)version)]),
        };
        latest?.Finish();
        all?.Finish();
        specific?.Finish();
        reader.Finish();
        var given = (latest is null ? 0 : 1) + (all is null ? 0 : 1) + (specific is null ? 0 : 1);
        if (given != 1)
        {
            reader.Errors.Add(reader.Path, $"has {given} policies; it must have one of latest, all, specific");
        }

        if (policy.Specific is { Versions.Count: 0 })
        {
            specific!.Fail("versions", "is empty; at least one version is needed");
        }

        return policy;
    }

    private static ConfiguredTensor ReadTensor(ObjectReader reader)
    {
        var tensor = new ConfiguredTensor(
            reader.Text("name", "the tensor's name"),
            reader.Text("data_type", "a type such as TYPE_FP32"),
            reader.TryGet("dims", out _) ? Wholes(reader, "dims", -1, int.MaxValue) : []);
        reader.Finish();
        return tensor;
    }

    private static InstanceGroup ReadInstanceGroup(ObjectReader reader)
    {
        var group = new InstanceGroup
        {
            Name = reader.OptionalText("name"),
            Count = reader.OptionalWhole("count", 1, MaximumInstances),
            Kind = reader.Choice("kind", Kinds, InstanceKind.Auto),
            Gpus = [.. Wholes(reader, "gpus", 0, MaximumInstances).Select(gpu => (int)gpu)],
        };
        reader.Finish();
        if (group is { Kind: InstanceKind.Cpu, Gpus.Count: > 0 })
        {
            reader.Fail("gpus", "cannot be given for KIND_CPU");
        }

        return group;
    }

    private static DynamicBatching ReadDynamicBatching(ObjectReader reader)
    {
        var batching = new DynamicBatching
        {
            PreferredBatchSize = [.. Wholes(reader, "preferred_batch_size", 1, MaximumBatch).Select(size => (int)size).Distinct().Order()],
            MaxQueueDelayMicroseconds = reader.OptionalWhole("max_queue_delay_microseconds", 0L, MaximumMicroseconds) ?? 0,
            PriorityLevels = reader.Whole("priority_levels", 0, MaximumPriorities, 0),
            DefaultPriorityLevel = reader.Whole("default_priority_level", 0, MaximumPriorities, 0),
            DefaultQueuePolicy = Nested(reader, "default_queue_policy") is { } policy ? ReadQueuePolicy(policy) : new QueuePolicy(),
            PriorityQueuePolicy = ReadPriorityPolicies(reader),
        };
        reader.Finish();
        var legal = batching.PriorityLevels == 0
            ? batching.DefaultPriorityLevel == 0
            : batching.DefaultPriorityLevel >= 1 && batching.DefaultPriorityLevel <= batching.PriorityLevels;
        if (!legal)
        {
            reader.Fail("default_priority_level", $"is {batching.DefaultPriorityLevel}; legal {(batching.PriorityLevels == 0 ? "0 without priority_levels" : $"1..{batching.PriorityLevels}")}");
        }

        foreach (var level in batching.PriorityQueuePolicy.Keys.Where(level => level > batching.PriorityLevels))
        {
            reader.Fail($"priority_queue_policy.{level}", $"is a priority beyond priority_levels, which is {batching.PriorityLevels}");
        }

        return batching;
    }

    private static Dictionary<int, QueuePolicy> ReadPriorityPolicies(ObjectReader reader)
    {
        var policies = new Dictionary<int, QueuePolicy>();
        foreach (var (name, policy) in Members(reader, "priority_queue_policy"))
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var level) && level is >= 1 and <= MaximumPriorities)
            {
                policies[level] = ReadQueuePolicy(policy);
            }
            else
            {
                reader.Errors.Add(policy.Path, $"is not a priority; legal 1..{MaximumPriorities}");
            }
        }

        return policies;
    }

    private static QueuePolicy ReadQueuePolicy(ObjectReader reader)
    {
        var policy = new QueuePolicy
        {
            TimeoutAction = reader.Choice("timeout_action", Actions, TimeoutAction.Reject),
            DefaultTimeoutMicroseconds = reader.OptionalWhole("default_timeout_microseconds", 0L, MaximumMicroseconds) ?? 0,
            AllowTimeoutOverride = reader.Boolean("allow_timeout_override", false),
            MaxQueueSize = reader.OptionalWhole("max_queue_size", 0, MaximumQueue),
        };
        reader.Finish();
        return policy;
    }

    private static WarmupSample ReadWarmup(ObjectReader reader)
    {
        var sample = new WarmupSample
        {
            Name = reader.OptionalText("name") ?? "",
            BatchSize = reader.Whole("batch_size", 0, MaximumBatch, 1),
            Count = reader.Whole("count", 1, MaximumWarmups, 1),
            Inputs = Members(reader, "inputs").ToDictionary(member => member.Name, member => ReadWarmupInput(member.Value)),
        };
        reader.Finish();
        return sample;
    }

    private static WarmupInput ReadWarmupInput(ObjectReader reader)
    {
        var input = new WarmupInput
        {
            DataType = reader.OptionalText("data_type"),
            Dims = Wholes(reader, "dims", 0, int.MaxValue),
            RandomData = reader.Boolean("random_data", false),
            ZeroData = reader.Boolean("zero_data", !reader.Boolean("random_data", false)),
        };
        reader.Finish();
        if (input.RandomData == input.ZeroData)
        {
            reader.Fail("random_data", "must be the opposite of zero_data");
        }

        return input;
    }

    private static ModelOptimization ReadOptimization(ObjectReader reader)
    {
        var graph = Nested(reader, "graph");
        var cuda = Nested(reader, "cuda");
        var accelerators = Nested(reader, "execution_accelerators");
        var optimization = new ModelOptimization
        {
            Graph = new GraphOptimization { Level = graph?.Whole("level", -1, 1, 0) ?? 0 },
            Cuda = new CudaOptimization { Graphs = cuda?.Boolean("graphs", false) ?? false },
            ExecutionAccelerators = new ExecutionAccelerators
            {
                GpuExecutionAccelerator = accelerators is null ? [] : [.. Objects(accelerators, "gpu_execution_accelerator").Select(ReadAccelerator)],
            },
        };
        graph?.Finish();
        cuda?.Finish();
        accelerators?.Finish();
        reader.Finish();
        return optimization;
    }

    private static ExecutionAccelerator ReadAccelerator(ObjectReader reader)
    {
        var parameters = new Dictionary<string, string>();
        var name = reader.Text("name", ExecutionAccelerator.TensorRt);
        if (name.Length > 0 && name != ExecutionAccelerator.TensorRt)
        {
            reader.Fail("name", $"is \"{ObjectReader.Quote(name)}\"; legal is {ExecutionAccelerator.TensorRt}");
        }

        if (Nested(reader, "parameters") is { } given)
        {
            if (given.OptionalText("precision_mode") is { } precision)
            {
                parameters["precision_mode"] = precision;
                if (precision is not ("FP32" or "FP16"))
                {
                    given.Fail("precision_mode", $"is \"{ObjectReader.Quote(precision)}\"; legal FP32, FP16");
                }
            }

            if (given.OptionalText("max_workspace_size_bytes") is { } size)
            {
                parameters["max_workspace_size_bytes"] = size;
                if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes < 1)
                {
                    given.Fail("max_workspace_size_bytes", $"is \"{ObjectReader.Quote(size)}\"; a number of bytes as text is needed");
                }
            }

            given.Finish();
        }

        reader.Finish();
        return new ExecutionAccelerator { Name = name, Parameters = parameters };
    }

    private static Dictionary<string, ParameterValue> ReadParameters(ObjectReader root)
    {
        var parameters = new Dictionary<string, ParameterValue>();
        foreach (var (name, value) in Members(root, "parameters"))
        {
            parameters[name] = new ParameterValue(value.Text("string_value", "the value as a text"));
            value.Finish();
        }

        SessionParameters.Read(parameters, root.PathOf("parameters"), root.Errors);
        return parameters;
    }

    private static ObjectReader? Nested(ObjectReader reader, string field) =>
        reader.TryGet(field, out var value) ? new ObjectReader(value, reader.PathOf(field), reader.Errors) : null;

    private static IEnumerable<ObjectReader> Objects(ObjectReader reader, string field)
    {
        var index = 0;
        foreach (var element in Elements(reader, field))
        {
            yield return new ObjectReader(element, $"{reader.PathOf(field)}[{index++}]", reader.Errors);
        }
    }

    private static IEnumerable<(string Name, ObjectReader Value)> Members(ObjectReader reader, string field)
    {
        if (!reader.TryGet(field, out var value))
        {
            yield break;
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            reader.Fail(field, $"is {ObjectReader.Describe(value)}; an object is needed");
            yield break;
        }

        foreach (var member in value.EnumerateObject())
        {
            yield return (member.Name, new ObjectReader(member.Value, $"{reader.PathOf(field)}.{ObjectReader.Quote(member.Name)}", reader.Errors));
        }
    }

    private static long[] Wholes(ObjectReader reader, string field, long minimum, long maximum) =>
        [.. Elements(reader, field).Select((element, index) => ObjectReader.Whole(element, $"{reader.PathOf(field)}[{index}]", minimum, maximum, reader.Errors))];

    private static JsonElement[] Elements(ObjectReader reader, string field)
    {
        if (!reader.TryGet(field, out var value))
        {
            return [];
        }

        if (value.ValueKind != JsonValueKind.Array)
        {
            reader.Fail(field, $"is {ObjectReader.Describe(value)}; an array is needed");
            return [];
        }

        return [.. value.EnumerateArray()];
    }
}
