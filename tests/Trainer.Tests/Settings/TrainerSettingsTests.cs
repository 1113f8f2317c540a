using Serverless.Core.Validation;
using Serverless.Trainer.Devices;
using Serverless.Trainer.Settings;

namespace Serverless.Trainer.Tests.Settings;

public sealed class TrainerSettingsTests
{
    [Fact]
    public void From_Nothing_GivesDefaultsAndAnIdOfItsOwn()
    {
        var settings = TrainerSettings.From(_ => null);

        Assert.Equal(1, settings.Threads);
        Assert.Equal(DeviceChoice.Auto, settings.Device);
        Assert.NotEqual(settings.TrainerId, TrainerSettings.From(_ => null).TrainerId);
    }

    [Fact]
    public void From_Everything_TakesIt()
    {
        var settings = TrainerSettings.From(variable => variable switch
        {
            TrainerSettings.TrainerIdVariable => "trainer-7",
            TrainerSettings.ThreadsVariable => "4",
            TrainerSettings.IdleVariable => "120",
            TrainerSettings.DeviceVariable => "CUDA:1",
            _ => null,
        });

        Assert.Equal("trainer-7", settings.TrainerId);
        Assert.Equal(4, settings.Threads);
        Assert.Equal(TimeSpan.FromMinutes(2), settings.Idle);
        Assert.Equal(1, settings.Device.Index);
    }

    [Fact]
    public void From_SeveralIllegal_NamesThemAll()
    {
        var exception = Assert.Throws<ValidationException>(() => TrainerSettings.From(variable => variable switch
        {
            TrainerSettings.TrainerIdVariable => "a b",
            TrainerSettings.ThreadsVariable => "many",
            TrainerSettings.IdleVariable => "-1",
            TrainerSettings.DeviceVariable => "cuda:",
            _ => null,
        }));

        Assert.Equal(
            [TrainerSettings.TrainerIdVariable, TrainerSettings.ThreadsVariable, TrainerSettings.IdleVariable, TrainerSettings.DeviceVariable],
            exception.Errors.Select(error => error.Field));
    }
}
