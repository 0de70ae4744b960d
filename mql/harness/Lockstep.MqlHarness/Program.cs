using Lockstep.MqlHarness.Build;
using Lockstep.MqlHarness.Lint;
using Lockstep.MqlHarness.Preprocessor;

namespace Lockstep.MqlHarness;

internal static class Program
{
    private const string Usage = "compile [-I <folder>] <file.mq4|file.mq5> … | build <file> | translate <file> | lint <file or folder> …";

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["compile", "-I", var include, .. var files] when files.Length > 0:
                return files.Count(file => !Compile(file, include));
            case ["compile", .. var files] when files.Length > 0:
                return files.Count(file => !Compile(file, null));
            case ["build", var file]:
                var built = MqlCompiler.Compile(file);
                Console.Write(built.Messages);
                Console.WriteLine(built.Program);
                return built.Success ? 0 : 1;
            case ["translate", var file]:
                Console.WriteLine(Translation.Of(file, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "..", "Include")).Source);
                return 0;
            case ["lint", .. var paths] when paths.Length > 0:
                return Lint(paths);
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static bool Compile(string file, string? include)
    {
        var result = MqlCompiler.Compile(file, new CompileOptions { CheckOnly = true, IncludeRoot = include });
        Console.Write(result.Messages);
        Console.WriteLine($"{file}: {(result.Success ? "compiles" : "does not compile")}");
        return result.Success;
    }

    private static int Lint(string[] paths)
    {
        var files = paths.SelectMany(path => Directory.Exists(path) ? Directory.GetFiles(path, "*.mq?", SearchOption.AllDirectories) : [path]);
        var findings = files.Order(StringComparer.Ordinal).SelectMany(file => MqlLint.Check(file)).ToList();
        findings.ForEach(finding => Console.WriteLine(finding));
        return findings.Count == 0 ? 0 : 1;
    }
}
