using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Core.Jobs;
using Serverless.Core.Models;
using Serverless.Core.Networks;
using Serverless.Core.Validation;

namespace Serverless.Core.Tests.Jobs;

public sealed class JobSpecTests
{
    private const string Least = """{"dataset": "digits", "network": {"preset": "mlp"}, "epochs": 2}""";

    [Fact]
    public void Parse_LeastThatIsLegal_GivesDefaults()
    {
        var spec = Parse(Least);

        Assert.Equal("digits", spec.Dataset);
        Assert.Equal(2, spec.Epochs);
        Assert.Null(spec.Rounds);
        Assert.Equal((1, 64, 1, 1L), (spec.Shards, spec.BatchSize, spec.LocalSteps, spec.Seed));
        Assert.Equal((LossKind.CrossEntropy, Precision.Float32, Aggregation.Trainers), (spec.Loss, spec.Precision, spec.Aggregation));
        Assert.Equal(new OptimizerSpec(), spec.Optimizer);
        Assert.Equal(new ScheduleSpec(), spec.Schedule);
        Assert.Equal(new OuterSpec(), spec.Outer);
        Assert.Equal((null, null, null, null), (spec.Name, spec.EvaluateEvery, spec.Deadline, spec.Publish));
    }

    [Fact]
    public void Parse_EveryField_IsKept()
    {
        var spec = Parse("""
            {
              "name": "Digits, first try", "dataset": "digits", "network": {"layers": [{"type": "flatten"}, {"type": "linear"}]},
              "loss": "meanSquaredError", "shards": 8, "batchSize": 16, "rounds": 100, "localSteps": 4, "seed": 9007199254740991,
              "optimizer": {"type": "adamW", "learningRate": 0.002, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6, "weightDecay": 0.05, "clipNorm": 1, "state": "reset"},
              "schedule": {"type": "step", "warmupSteps": 10, "stepEvery": 30, "stepFactor": 0.5},
              "outer": {"type": "nesterov", "learningRate": 0.5, "momentum": 0.8},
              "aggregation": "function", "evaluateEvery": 7, "deadline": "1.02:03:04", "publish": {"model": "digits-v2", "maxAccuracyLoss": 0.2, "forms": ["int8Entropy", "graph"]},
              "pruning": {"sparsity": 0.9, "begin": 0.1, "end": 0.6}, "precision": "bFloat16Autocast", "compression": "bFloat16"
            }
            """);

        Assert.Equal("Digits, first try", spec.Name);
        Assert.Equal((8, 16, 100, 4, (1L << 53) - 1), (spec.Shards, spec.BatchSize, spec.Rounds!.Value, spec.LocalSteps, spec.Seed));
        Assert.Equal(
            new OptimizerSpec
            {
                Type = OptimizerKind.AdamW, LearningRate = 0.002, Beta1 = 0.8, Beta2 = 0.95, Epsilon = 1e-6, WeightDecay = 0.05, ClipNorm = 1, State = OptimizerState.Reset,
            },
            spec.Optimizer);
        Assert.Equal(new ScheduleSpec { Type = ScheduleKind.Step, WarmupSteps = 10, StepEvery = 30, StepFactor = 0.5 }, spec.Schedule);
        Assert.Equal(new OuterSpec { Type = OuterKind.Nesterov, LearningRate = 0.5, Momentum = 0.8 }, spec.Outer);
        Assert.Equal((Aggregation.Function, 7, new TimeSpan(1, 2, 3, 4), Precision.BFloat16Autocast), (spec.Aggregation, spec.EvaluateEvery!.Value, spec.Deadline!.Value, spec.Precision));
        Assert.Equal(Compression.BFloat16, spec.Compression);
        Assert.Equal(new PruningSpec { Sparsity = 0.9, Begin = 0.1, End = 0.6 }, spec.Pruning);
        Assert.Equal(new PublishSpec("digits-v2") { MaxAccuracyLoss = 0.2, Forms = [ModelForm.Int8Entropy, ModelForm.Graph] }, spec.Publish);
    }

    [Fact]
    public void Parse_ManyErrors_ReportsAllOfThem()
    {
        var errors = Errors("""
            {
              "dataset": "../etc/passwd", "network": {"layers": [{"type": "conv2d", "filters": 0, "kernel": 3}]}, "shards": 10000, "bathSize": 3, "epochs": 0,
              "optimizer": {"type": "sdg", "learningRate": -1, "momentum": 1}, "publish": {"model": "Digits!"}, "deadline": "soon"
            }
            """);

        Assert.Contains(errors, error => error is { Field: "dataset" } && error.Message.Contains("../etc/passwd", StringComparison.Ordinal) && error.Message.Contains(Core.Storage.EntityName.Rule, StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "network.layers[0].filters" });
        Assert.Contains(errors, error => error is { Field: "shards" } && error.Message.Contains("10000", StringComparison.Ordinal) && error.Message.Contains("1..1024", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "bathSize" } && error.Message.Contains("\"batchSize\"", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "epochs" } && error.Message.Contains("(0, 100000]", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "optimizer.type" } && error.Message.Contains("\"sgd\"", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "optimizer.learningRate" } && error.Message.Contains("-1", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "optimizer.momentum" } && error.Message.Contains("[0, 1)", StringComparison.Ordinal));
        Assert.Contains(errors, error => error is { Field: "publish.model" });
        Assert.Contains(errors, error => error is { Field: "deadline" } && error.Message.Contains("soon", StringComparison.Ordinal));
        Assert.Equal(10, errors.Count);
    }

    [Theory]
    [InlineData("""{"shards": 0}""", "shards")]
    [InlineData("""{"shards": -4}""", "shards")]
    [InlineData("""{"shards": 2.5}""", "shards")]
    [InlineData("""{"shards": "2"}""", "shards")]
    [InlineData("""{"batchSize": 0}""", "batchSize")]
    [InlineData("""{"batchSize": 65537}""", "batchSize")]
    [InlineData("""{"epochs": 1e400}""", "epochs")]
    [InlineData("""{"epochs": null}""", "epochs")]
    [InlineData("""{"rounds": 5}""", "epochs")]
    [InlineData("""{"epochs": null, "rounds": 100000}""", "rounds")]
    [InlineData("""{"localSteps": 10001}""", "localSteps")]
    [InlineData("""{"seed": -1}""", "seed")]
    [InlineData("""{"seed": 9007199254740992}""", "seed")]
    [InlineData("""{"network": null}""", "network")]
    [InlineData("""{"network": {"layers": []}}""", "network.layers")]
    [InlineData("""{"dataset": null}""", "dataset")]
    [InlineData("""{"dataset": ""}""", "dataset")]
    [InlineData("""{"dataset": 7}""", "dataset")]
    [InlineData("""{"name": ""}""", "name")]
    [InlineData("""{"name": "a\u0000b"}""", "name")]
    [InlineData("""{"optimizer": []}""", "optimizer")]
    [InlineData("""{"optimizer": {"learningRate": 0}}""", "optimizer.learningRate")]
    [InlineData("""{"optimizer": {"nesterov": true}}""", "optimizer.nesterov")]
    [InlineData("""{"optimizer": {"beta1": 0.9}}""", "optimizer.beta1")]
    [InlineData("""{"optimizer": {"type": "adam", "momentum": 0.9}}""", "optimizer.momentum")]
    [InlineData("""{"optimizer": {"type": "adam", "beta2": 1}}""", "optimizer.beta2")]
    [InlineData("""{"optimizer": {"clipNorm": 0}}""", "optimizer.clipNorm")]
    [InlineData("""{"optimizer": {"state": "forget"}}""", "optimizer.state")]
    [InlineData("""{"schedule": {"type": "step"}}""", "schedule.stepEvery")]
    [InlineData("""{"schedule": {"type": "cosine", "minimumFactor": 1.5}}""", "schedule.minimumFactor")]
    [InlineData("""{"schedule": {"warmupSteps": -1}}""", "schedule.warmupSteps")]
    [InlineData("""{"outer": {"type": "nesterov"}}""", "outer")]
    [InlineData("""{"localSteps": 2, "outer": {"momentum": 0.9}}""", "outer.momentum")]
    [InlineData("""{"evaluateEvery": 0}""", "evaluateEvery")]
    [InlineData("""{"deadline": "00:00:09"}""", "deadline")]
    [InlineData("""{"deadline": "31.00:00:00"}""", "deadline")]
    [InlineData("""{"deadline": 60}""", "deadline")]
    [InlineData("""{"publish": {}}""", "publish.model")]
    [InlineData("""{"publish": {"model": "a/b"}}""", "publish.model")]
    [InlineData("""{"pruning": {"sparsity": 1}}""", "pruning.sparsity")]
    [InlineData("""{"pruning": {"pattern": "twoOfFour", "sparsity": 0.5}}""", "pruning.sparsity")]
    [InlineData("""{"pruning": {"begin": 0.5, "end": 0.5}}""", "pruning.end")]
    [InlineData("""{"publish": {"model": "m", "maxAccuracyLoss": -0.1}}""", "publish.maxAccuracyLoss")]
    [InlineData("""{"publish": {"model": "m", "forms": "graph"}}""", "publish.forms")]
    [InlineData("""{"publish": {"model": "m", "forms": ["int9"]}}""", "publish.forms")]
    [InlineData("""{"publish": {"model": "m", "forms": ["graph", "graph"]}}""", "publish.forms")]
    [InlineData("""{"precision": "float16"}""", "precision")]
    [InlineData("""{"compression": "gzip"}""", "compression")]
    [InlineData("""{"Shards": 2}""", "Shards")]
    public void Parse_OneFieldIllegal_NamesJustThatField(string change, string field)
    {
        var json = JsonNode.Parse(Least)!.AsObject();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
        {
            json[name] = value?.DeepClone();
        }

        var error = Assert.Single(Errors(json.ToJsonString()));

        Assert.Equal(field, error.Field);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"dataset\": \"a\", \"dataset\": \"b\"}")]
    [InlineData("{\"dataset\": \"a\",}")]
    [InlineData("{} {}")]
    [InlineData("{\"seed\": NaN}")]
    [InlineData("{\"name\": \"\\ud800\"}")]
    [InlineData("{\"\\udc00\": 1}")]
    public void Parse_NotAnObjectOfJson_IsOneError(string json) => Assert.Single(Errors(json));

    [Fact]
    public void Parse_InvalidUtf8_IsAnError() =>
        Assert.Throws<ValidationException>(() => JobSpec.Parse(new byte[] { (byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}' }));

    [Fact]
    public void Parse_NestedDeeperThanAnyNetwork_IsAnError() =>
        Assert.Single(Errors(new string('[', 100_000)));

    [Fact]
    public void Parse_LongerThanASpecMayBe_IsAnErrorThatNamesTheLimit()
    {
        var error = Assert.Single(Errors(new string(' ', JobLimits.SpecBytes + 1)));

        Assert.Contains("1,048,576", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ParseAsync_EndlessBody_StopsAtTheLimit()
    {
        await using var endless = new EndlessStream();

        await Assert.ThrowsAsync<ValidationException>(() => JobSpec.ParseAsync(endless));

        Assert.InRange(endless.Given, JobLimits.SpecBytes, JobLimits.SpecBytes + (64 * 1024));
    }

    [Fact]
    public async Task ParseAsync_BodyInSmallPieces_IsReadToItsEnd()
    {
        await using var body = new MemoryStream(Encoding.UTF8.GetBytes(Least + new string(' ', 50_000)));

        var spec = await JobSpec.ParseAsync(body);

        Assert.Equal("digits", spec.Dataset);
    }

    [Fact]
    public void Parse_HostileFieldName_IsQuotedShortAndWithoutControlCharacters()
    {
        var error = Assert.Single(Errors($$"""{"dataset": "digits", "network": {"preset": "mlp"}, "epochs": 2, "{{new string('x', 10_000)}}\n": 1}"""));

        Assert.InRange(error.ToString().Length, 1, 1000);
        Assert.DoesNotContain(error.ToString(), char.IsControl);
    }

    [Fact]
    public void ToJson_AnySpec_ReadsBackToTheSameSpecAndTheSameBytes()
    {
        Prop.ForAll(Specs().ToArbitrary(), spec =>
        {
            var json = spec.ToJson();
            var back = JobSpec.Parse(json);
            Assert.Equal(spec, back);
            Assert.Equal(json, back.ToJson());
        }).QuickCheckThrowOnFailure();
    }

    private static Gen<JobSpec> Specs() =>
        from shards in Gen.Choose(1, JobLimits.Shards)
        from localSteps in Gen.Elements(1, 2, 100)
        from epochs in Gen.Elements<double?>(null, 0.25, 3, 1 / 3.0)
        from optimizer in Gen.Elements(
            new OptimizerSpec { Momentum = 0.9, Nesterov = true, ClipNorm = 2.5 },
            new OptimizerSpec { LearningRate = 1 / 7.0, State = OptimizerState.Reset },
            new OptimizerSpec { Type = OptimizerKind.Adam, WeightDecay = 1e-4 },
            new OptimizerSpec { Type = OptimizerKind.AdamW, Beta1 = 0, Epsilon = 1e-12 })
        from schedule in Gen.Elements(
            new ScheduleSpec { WarmupSteps = 3 },
            new ScheduleSpec { Type = ScheduleKind.Cosine, MinimumFactor = 0.01 },
            new ScheduleSpec { Type = ScheduleKind.Step, StepEvery = 5, StepFactor = 0.3 })
        from outer in Gen.Elements(
            new OuterSpec(),
            new OuterSpec { Type = OuterKind.Sgd, LearningRate = 0.9, Momentum = 0.1 },
            new OuterSpec { Type = OuterKind.Nesterov, LearningRate = 0.7, Momentum = 0.9 },
            new OuterSpec { Type = OuterKind.Adam, LearningRate = 0.01 })
        from name in Gen.Elements(null, "Größe \"drei\" <b>")
        from deadline in Gen.Elements<TimeSpan?>(null, TimeSpan.FromSeconds(10), TimeSpan.FromDays(30))
        from publish in Gen.Elements(
            null,
            new PublishSpec("m"),
            new PublishSpec("m") { MaxAccuracyLoss = 1 / 3.0, Forms = [] },
            new PublishSpec("m") { MaxAccuracyLoss = 0, Forms = [ModelForm.Int8Dynamic, ModelForm.Float16] })
        from pruning in Gen.Elements(null, new PruningSpec { Pattern = PruningPattern.TwoOfFour, Begin = 0 }, new PruningSpec { Sparsity = 0.95, End = 1 })
        from network in Gen.Elements(NetworkPreset.All.Select(preset => preset.Network).ToArray())
        select new JobSpec
        {
            Name = name,
            Dataset = "digits",
            Network = network,
            Shards = shards,
            LocalSteps = localSteps,
            Epochs = epochs,
            Rounds = epochs is null ? 77 : null,
            EvaluateEvery = epochs is null ? 5 : null,
            Optimizer = optimizer,
            Schedule = schedule,
            Outer = localSteps == 1 ? new OuterSpec() : outer,
            Deadline = deadline,
            Publish = publish,
            Pruning = pruning,
        };

    private static JobSpec Parse(string json) => JobSpec.Parse(Encoding.UTF8.GetBytes(json));

    private static IReadOnlyList<FieldError> Errors(string json) => Assert.Throws<ValidationException>(() => Parse(json)).Errors;
}
