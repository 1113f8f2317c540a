using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Serverless.Core.Validation;

namespace Serverless.Inference.Configuration;

/// <summary>The settings of ONNX Runtime that a model configuration's <c>parameters</c> can carry, all as text, by the names of Triton's backend.</summary>
public sealed record SessionParameters
{
    private static readonly string[] Known =
    [
        "intra_op_thread_count", "inter_op_thread_count", "execution_mode", "enable_mem_arena", "enable_mem_pattern",
        "gpu_mem_limit", "arena_extend_strategy", "cudnn_conv_algo_search", "cudnn_conv_use_max_workspace", "use_tf32",
    ];

    /// <summary>Threads that one run may use; null for the server's <c>Inference__IntraOpThreads</c>.</summary>
    public int? IntraOpThreads { get; private init; }

    /// <summary>Threads that run independent operators beside each other; counts with <see cref="ExecutionMode.ORT_PARALLEL"/> only.</summary>
    public int InterOpThreads { get; private init; } = 1;

    /// <summary>Whether independent operators run one after the other (0) or beside each other (1).</summary>
    public ExecutionMode ExecutionMode { get; private init; }

    /// <summary>Whether memory for intermediate results is kept between runs.</summary>
    public bool UsesMemoryArena { get; private init; } = true;

    /// <summary>Whether the memory that a run needs is remembered for the next run with the same shapes.</summary>
    public bool UsesMemoryPattern { get; private init; } = true;

    /// <summary>Settings of the CUDA provider by its own names.</summary>
    public IReadOnlyDictionary<string, string> Cuda { get; private init; } = new Dictionary<string, string>();

    /// <summary>Reads them.</summary>
    /// <param name="parameters">The configuration's.</param>
    /// <param name="path">Where they are in the input.</param>
    /// <param name="errors">Where errors go.</param>
    public static SessionParameters Read(IReadOnlyDictionary<string, ParameterValue> parameters, string path, FieldErrors errors)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(errors);
        var cuda = new Dictionary<string, string>();
        var read = new SessionParameters { Cuda = cuda };
        foreach (var (name, value) in parameters)
        {
            var text = value.StringValue;
            read = name switch
            {
                "intra_op_thread_count" => read with { IntraOpThreads = (int)Whole(name, text, 1, 1024) },
                "inter_op_thread_count" => read with { InterOpThreads = (int)Whole(name, text, 1, 1024) },
                "execution_mode" => read with { ExecutionMode = Word(name, text, "0", "1") == "1" ? ExecutionMode.ORT_PARALLEL : ExecutionMode.ORT_SEQUENTIAL },
                "enable_mem_arena" => read with { UsesMemoryArena = Word(name, text, "0", "1") != "0" },
                "enable_mem_pattern" => read with { UsesMemoryPattern = Word(name, text, "0", "1") != "0" },
                "gpu_mem_limit" => OfCuda(name, Whole(name, text, 1 << 20, long.MaxValue).ToString(CultureInfo.InvariantCulture)),
                "arena_extend_strategy" => OfCuda(name, Word(name, text, "0", "1") == "1" ? "kSameAsRequested" : "kNextPowerOfTwo"),
                "cudnn_conv_algo_search" => OfCuda(name, Word(name, text, "0", "1", "2") switch { "1" => "HEURISTIC", "2" => "DEFAULT", _ => "EXHAUSTIVE" }),
                "cudnn_conv_use_max_workspace" or "use_tf32" => OfCuda(name, Word(name, text, "0", "1")),
                _ => Unknown(name),
            };
        }

        return read;

        SessionParameters OfCuda(string name, string value)
        {
            cuda[name] = value;
            return read;
        }

        SessionParameters Unknown(string name)
        {
            errors.Add($"{path}.{ObjectReader.Quote(name)}", $"is not a known parameter{Suggestion.Hint(name, Known)}; known are {string.Join(", ", Known)}");
            return read;
        }

        long Whole(string name, string text, long minimum, long maximum)
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum)
            {
                return number;
            }

            errors.Add($"{path}.{name}", string.Create(CultureInfo.InvariantCulture, $"is \"{ObjectReader.Quote(text)}\"; legal {minimum}..{maximum}"));
            return minimum;
        }

        string Word(string name, string text, params string[] legal)
        {
            if (!legal.Contains(text))
            {
                errors.Add($"{path}.{name}", $"is \"{ObjectReader.Quote(text)}\"; legal {string.Join(", ", legal)}");
            }

            return text;
        }
    }
}
