using System.Reflection;

namespace Lockstep.Server.Cli;

/// <summary>The version of the product.</summary>
internal static class LockstepVersion
{
    /// <summary>As in <c>0.1.0</c>.</summary>
    public static string Text { get; } =
        typeof(LockstepVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
