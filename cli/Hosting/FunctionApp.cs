using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Cli.Hosting;

/// <summary>A function app that the local host runs: classes with functions, their services and the app's host.json.</summary>
/// <param name="Name">What logs call it.</param>
/// <param name="Types">Where to look for functions.</param>
/// <param name="HostJsonPath">The app's host.json. A file that is not there counts as an empty one: all defaults.</param>
/// <param name="ConfigureServices">What the app's own Program registers. Each app gets its own services, as in the cloud, where each is a process.</param>
public sealed record FunctionApp(string Name, IReadOnlyList<Type> Types, string HostJsonPath, Action<IServiceCollection, IConfiguration> ConfigureServices)
{
    /// <summary>An app with the functions of an assembly.</summary>
    public FunctionApp(string name, Assembly assembly, string hostJsonPath, Action<IServiceCollection, IConfiguration> configureServices)
        : this(name, assembly.GetTypes(), hostJsonPath, configureServices)
    {
    }
}
