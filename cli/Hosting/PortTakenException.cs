using System.Globalization;

namespace Serverless.Cli.Hosting;

/// <summary>A port the host needs is in use by another program.</summary>
/// <param name="port">The port.</param>
/// <param name="use">What the host wanted it for.</param>
/// <param name="option">The option that chooses another.</param>
public sealed class PortTakenException(int port, string use, string option)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"Port {port} ({use}) is in use by another program. Stop that program, or choose another port with {option} (0 = any free one)."))
{
    /// <summary>The port.</summary>
    public int Port { get; } = port;

    /// <summary>The option that chooses another.</summary>
    public string Option { get; } = option;
}
