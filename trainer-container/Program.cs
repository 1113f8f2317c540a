namespace Serverless.Trainer;

/// <summary>The process's entry point.</summary>
internal static class Program
{
    private static void Main()
    {
    }
}
