using Lockstep.Domain;
using Lockstep.MqlHarness.Build;

namespace Lockstep.Conformance.Tests;

/// <summary>The Expert Advisors of the repository, compiled once a run.</summary>
internal static class EaPrograms
{
    private static readonly Lazy<string> Mt4 = new(() => Build("Lockstep.mq4"));
    private static readonly Lazy<string> Mt5 = new(() => Build("Lockstep.mq5"));

    public static string Of(PlatformKind platform) => platform == PlatformKind.Mt4 ? Mt4.Value : Mt5.Value;

    private static string Build(string name)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Lockstep.slnx")))
        {
            folder = folder.Parent;
        }

        string root = folder?.FullName ?? throw new InvalidOperationException($"no Lockstep.slnx above {AppContext.BaseDirectory}");
        var result = MqlCompiler.Compile(Path.Combine(root, "mql", "Experts", name));
        Assert.True(result.Success, result.Messages);
        return result.Program;
    }
}
