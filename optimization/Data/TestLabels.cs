namespace Serverless.Optimization.Data;

/// <summary>What is right for each test row: a class, or numbers.</summary>
public sealed class TestLabels
{
    private TestLabels(int[]? classes, float[]? values) => (Classes, Values) = (classes, values);

    /// <summary>The index of the right class of each row; null where labels are numbers.</summary>
    public IReadOnlyList<int>? Classes { get; }

    /// <summary>The right numbers, row by row; null where labels are classes.</summary>
    public IReadOnlyList<float>? Values { get; }

    /// <summary>A class for each row.</summary>
    public static TestLabels OfClasses(int[] classes) => new(classes, null);

    /// <summary>Numbers for each row, as many as the model has outputs.</summary>
    public static TestLabels OfValues(float[] values) => new(null, values);
}
