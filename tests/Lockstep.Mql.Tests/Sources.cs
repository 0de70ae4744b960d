using Lockstep.MqlHarness.Build;

namespace Lockstep.Mql.Tests;

/// <summary>The MQL sources of the repository, and what becomes of them.</summary>
internal static class Sources
{
    public static readonly string Root = FindRoot();

    public static string Include => Path.Combine(Root, "mql", "Include");

    public static string TestProgram(string name) => Path.Combine(Root, "mql", "harness", "tests", name);

    public static IEnumerable<string> All() => new[] { "mql/Experts", "mql/Include" }
        .Select(folder => Path.Combine(Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.EnumerateFiles(folder, "*.mq?", SearchOption.AllDirectories))
        .Order(StringComparer.Ordinal);

    /// <summary>The built program; fails with the compiler's words.</summary>
    public static string Build(string main, bool sanitize = false)
    {
        var result = MqlCompiler.Compile(main, new CompileOptions { IncludeRoot = Include, Sanitize = sanitize });
        Assert.True(result.Success, result.Messages);
        Assert.Equal("", result.Messages);
        return result.Program;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Lockstep.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Lockstep.slnx above {AppContext.BaseDirectory}");
    }
}
