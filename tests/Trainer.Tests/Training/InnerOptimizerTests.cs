using Serverless.Core.Jobs;
using Serverless.Core.Rounds;
using Serverless.Trainer.Modules;
using Serverless.Trainer.Training;
using static TorchSharp.torch;

namespace Serverless.Trainer.Tests.Training;

/// <summary>The trainers' optimizers on tensors against the reducer's on spans: the same formulas, written twice.</summary>
public sealed class InnerOptimizerTests
{
    private const int Length = 1000;
    private const int Steps = 20;

    private static readonly OptimizerSpec[] Specs =
    [
        new OptimizerSpec { LearningRate = 0.1 },
        new OptimizerSpec { LearningRate = 0.1, WeightDecay = 0.01 },
        new OptimizerSpec { LearningRate = 0.1, Momentum = 0.9 },
        new OptimizerSpec { LearningRate = 0.1, Momentum = 0.9, Nesterov = true, WeightDecay = 0.001, ClipNorm = 0.5 },
        new OptimizerSpec { Type = OptimizerKind.Adam, LearningRate = 0.01 },
        new OptimizerSpec { Type = OptimizerKind.Adam, LearningRate = 0.01, WeightDecay = 0.1, ClipNorm = 100 },
        new OptimizerSpec { Type = OptimizerKind.AdamW, LearningRate = 0.01, WeightDecay = 0.1, Beta1 = 0.8, Beta2 = 0.99, Epsilon = 1e-6 },
    ];

    public static TheoryData<OptimizerSpec, bool> Cases
    {
        get
        {
            var cases = new TheoryData<OptimizerSpec, bool>();
            foreach (var spec in Specs)
            {
                cases.Add(spec, true);
                cases.Add(spec, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_ManySteps_IsWhatTheReducerDoes(OptimizerSpec spec, bool onHost)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var random = new Random(3);
        float[] expected = Values(random);
        var (momentum, mean, square) = (new float[Length], new float[Length], new float[Length]);
        var (parameters, gradient) = (tensor(expected), zeros(Length));
        using var optimizer = InnerOptimizer.Create(spec, parameters, gradient, onHost);
        for (var step = 1; step <= Steps; step++)
        {
            var values = Values(random);
            HostTransfer.Write(values, gradient);
            optimizer.Step(step, spec.LearningRate);
            Assert.All(gradient.data<float>().ToArray(), value => Assert.Equal(0, value));

            if (spec.ClipNorm is { } limit)
            {
                Optimizers.ClipNorm(values, limit);
            }

            if (spec.Type == OptimizerKind.Sgd)
            {
                Optimizers.Sgd(expected, values, momentum, (float)spec.LearningRate, (float)spec.Momentum, spec.Nesterov, (float)spec.WeightDecay);
            }
            else
            {
                Optimizers.Adam(
                    expected, values, mean, square, step, spec.LearningRate, spec.Beta1, spec.Beta2, spec.Epsilon, spec.WeightDecay, spec.Type == OptimizerKind.AdamW);
            }
        }

        var actual = parameters.data<float>().ToArray();
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void SaveAndLoad_HalfWay_GoesOnWithTheSameBits()
    {
        var spec = new OptimizerSpec { Type = OptimizerKind.Adam, LearningRate = 0.01 };
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var random = new Random(3);
        float[] initial = Values(random);
        var gradients = Enumerable.Range(0, 6).Select(_ => Values(random)).ToArray();
        var (parameters, gradient) = (tensor(initial), zeros(Length));
        using var optimizer = InnerOptimizer.Create(spec, parameters, gradient, onHost: true);
        using var other = InnerOptimizer.Create(spec, parameters, gradient, onHost: true);
        var state = optimizer.NewState();

        Run(optimizer, gradients[..3], 1);
        optimizer.Save(state);
        var halfWay = parameters.data<float>().ToArray();
        Run(optimizer, gradients[3..], 4);
        var straight = parameters.data<float>().ToArray();

        HostTransfer.Write(halfWay, parameters);
        other.Load(state);
        Run(other, gradients[3..], 4);
        Assert.Equal(straight, parameters.data<float>().ToArray());

        void Run(InnerOptimizer which, float[][] steps, int first)
        {
            for (var i = 0; i < steps.Length; i++)
            {
                HostTransfer.Write(steps[i], gradient);
                which.Step(first + i, spec.LearningRate);
            }
        }
    }

    private static float[] Values(Random random) => [.. Enumerable.Range(0, Length).Select(_ => (random.NextSingle() * 2) - 1)];
}
