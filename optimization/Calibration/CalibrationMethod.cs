namespace Serverless.Optimization.Calibration;

/// <summary>Which of the values met while calibrating are kept apart when they are rounded to 8 bits; those beyond become the nearest that is.</summary>
internal enum CalibrationMethod
{
    /// <summary>All: from the smallest to the largest.</summary>
    MinMax,

    /// <summary>All but the ten thousandth part that is furthest from zero.</summary>
    Percentile,

    /// <summary>Those for which the distribution of the values loses least information, as the Kullback–Leibler divergence measures it.</summary>
    Entropy,
}
