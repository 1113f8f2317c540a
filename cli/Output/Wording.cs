using System.Globalization;
using Serverless.Core.Jobs;
using Serverless.Core.Validation;

namespace Serverless.Cli.Output;

/// <summary>How numbers and states are written for people, the same in all commands. A dash stands for what is not known yet.</summary>
internal static class Wording
{
    private const string Unknown = "–";

    /// <summary>A job's state.</summary>
    public static string State(JobState state) => EnumWords.For(state);

    /// <summary>Rounds done of those to do.</summary>
    public static string Rounds(int done, int all) => all == 0 ? Unknown : string.Create(CultureInfo.InvariantCulture, $"{done}/{all}");

    /// <summary>A loss.</summary>
    public static string Loss(double? loss) => loss?.ToString("0.0000", CultureInfo.InvariantCulture) ?? Unknown;

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double? share) => share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{100 * known:0.00} %") : Unknown;

    /// <summary>Samples a second.</summary>
    public static string Speed(double? perSecond) => perSecond is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known:N0} images/s") : Unknown;

    /// <summary>A duration.</summary>
    public static string Time(TimeSpan? time) => time is not { } known ? Unknown
        : known < TimeSpan.FromHours(1) ? known.ToString(@"m\:ss", CultureInfo.InvariantCulture)
        : known < TimeSpan.FromDays(1) ? known.ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : known.ToString(@"d\.hh\:mm\:ss", CultureInfo.InvariantCulture);
}
