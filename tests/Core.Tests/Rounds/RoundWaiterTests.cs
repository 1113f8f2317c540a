using Serverless.Core.Rounds;

namespace Serverless.Core.Tests.Rounds;

public sealed class RoundWaiterTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void NextDelay_FirstWait_BeginsShortAndGrowsToASecond()
    {
        var waiter = new RoundWaiter(_time);

        var delays = Wait(waiter, TimeSpan.FromSeconds(20));

        Assert.InRange(delays[0], TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5));
        Assert.Equal(delays.Order(), delays);
        Assert.Equal(RoundWaiter.LongestDelay, delays[^1]);
        Assert.InRange(delays.Count, 10, 40);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    [InlineData(900)]
    public void NextDelay_WaitsThatAreAlike_AsksFewTimesAndNoticesSoon(int milliseconds)
    {
        var waiter = new RoundWaiter(_time);
        var wait = TimeSpan.FromMilliseconds(milliseconds);
        for (var i = 0; i < 20; i++)
        {
            Wait(waiter, wait);
        }

        var delays = Wait(waiter, wait);
        var late = delays.Aggregate(TimeSpan.Zero, (sum, delay) => sum + delay) - wait;

        Assert.InRange(delays.Count, 1, 8);
        Assert.InRange(late, TimeSpan.Zero, (wait * 0.3) + TimeSpan.FromMilliseconds(3));
    }

    [Fact]
    public void NextDelay_WaitsBecomeShort_FollowsWithinAFewRounds()
    {
        var waiter = new RoundWaiter(_time);
        Wait(waiter, TimeSpan.FromMilliseconds(400));
        for (var i = 0; i < 8; i++)
        {
            Wait(waiter, TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(waiter.Expected, TimeSpan.Zero, TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public void NextDelay_LongRounds_StillAsksEverySecond()
    {
        var waiter = new RoundWaiter(_time);
        Wait(waiter, TimeSpan.FromMinutes(2));

        Assert.All(Wait(waiter, TimeSpan.FromMinutes(2)), delay => Assert.InRange(delay, TimeSpan.Zero, RoundWaiter.LongestDelay));
    }

    [Fact]
    public void IsOverdue_MuchLongerThanUsual_IsTrue()
    {
        var waiter = new RoundWaiter(_time);
        Wait(waiter, TimeSpan.FromMilliseconds(100));
        waiter.Begin();
        Assert.False(waiter.IsOverdue);

        _time.Advance(TimeSpan.FromSeconds(2));

        Assert.True(waiter.IsOverdue);
    }

    // What a wait looks like: asks at once, then after each delay, until the time has come.
    private List<TimeSpan> Wait(RoundWaiter waiter, TimeSpan wait)
    {
        var delays = new List<TimeSpan>();
        waiter.Begin();
        while (waiter.Elapsed < wait)
        {
            delays.Add(waiter.NextDelay());
            _time.Advance(delays[^1]);
        }

        waiter.Arrived();
        return delays;
    }
}
