namespace StbImageSharp;

/// <summary>The channels of an image; the value is their number.</summary>
public enum ColorComponents
{
    /// <summary>Those of the file.</summary>
    Default,

    /// <summary>Brightness.</summary>
    Grey,

    /// <summary>Brightness and opacity.</summary>
    GreyAlpha,

    /// <summary>Red, green, blue.</summary>
    RedGreenBlue,

    /// <summary>Red, green, blue and opacity.</summary>
    RedGreenBlueAlpha,
}
