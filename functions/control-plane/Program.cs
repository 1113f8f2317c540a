namespace Serverless.ControlPlane;

/// <summary>The process's entry point.</summary>
internal static class Program
{
    private static void Main()
    {
    }
}
