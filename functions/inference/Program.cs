namespace Serverless.Inference;

/// <summary>The process's entry point.</summary>
internal static class Program
{
    private static void Main()
    {
    }
}
