using System.Text.Json.Serialization;

namespace Serverless.Core.Jobs;

/// <summary>How the learning rate changes over the job, after the warm-up.</summary>
[JsonConverter(typeof(CamelCaseEnumConverter<ScheduleKind>))]
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>Half a cosine down to the minimum factor at the last step.</summary>
    Cosine,

    /// <summary>It is multiplied by a factor every so many steps.</summary>
    Step,
}
