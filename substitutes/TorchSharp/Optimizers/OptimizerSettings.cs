namespace TorchSharp.Modules;

/// <summary>Checks of optimizers' settings.</summary>
internal static class OptimizerSettings
{
    public static void NotNegative(double value, string setting)
    {
        if (value < 0)
        {
            throw new ArgumentException($"Invalid {setting}: {value}");
        }
    }

    public static void DecayRate(double value, string setting)
    {
        if (value is < 0 or >= 1)
        {
            throw new ArgumentException($"Invalid {setting}: {value}");
        }
    }
}
