using Serverless.Core.Jobs;

namespace Serverless.Core.Tests.Jobs;

public sealed class ScheduleSpecTests
{
    [Fact]
    public void FactorAt_WarmUp_RisesInALineToOne()
    {
        var schedule = new ScheduleSpec { WarmupSteps = 4 };

        Assert.Equal([0.25, 0.5, 0.75, 1, 1, 1], Factors(schedule, 6));
    }

    [Fact]
    public void FactorAt_Cosine_GoesFromOneToTheMinimumAtTheLastStep()
    {
        var factors = Factors(new ScheduleSpec { Type = ScheduleKind.Cosine, WarmupSteps = 1, MinimumFactor = 0.2 }, 6);

        Assert.Equal(1, factors[0]);
        Assert.Equal(1, factors[1]);
        Assert.Equal(0.6, factors[3], 12);
        Assert.Equal(0.2, factors[5], 12);
        Assert.Equal(factors.OrderDescending(), factors);
    }

    [Fact]
    public void FactorAt_BeyondTheLastStep_StaysAtTheMinimum() =>
        Assert.Equal(0.1, new ScheduleSpec { Type = ScheduleKind.Cosine, MinimumFactor = 0.1 }.FactorAt(1000, 10), 12);

    [Fact]
    public void FactorAt_CosineShorterThanItsWarmUp_IsFinite() =>
        Assert.All(Factors(new ScheduleSpec { Type = ScheduleKind.Cosine, WarmupSteps = 10 }, 10), factor => Assert.InRange(factor, 0.1, 1));

    [Fact]
    public void FactorAt_Step_IsMultipliedEverySoManyStepsAfterTheWarmUp()
    {
        var schedule = new ScheduleSpec { Type = ScheduleKind.Step, WarmupSteps = 2, StepEvery = 2, StepFactor = 0.5 };

        Assert.Equal([0.5, 1, 1, 1, 0.5, 0.5, 0.25, 0.25], Factors(schedule, 8));
    }

    private static double[] Factors(ScheduleSpec schedule, int steps) => [.. Enumerable.Range(0, steps).Select(step => schedule.FactorAt(step, steps))];
}
