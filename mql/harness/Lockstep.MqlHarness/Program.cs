using Lockstep.MqlHarness.Build;
using Lockstep.MqlHarness.Preprocessor;

namespace Lockstep.MqlHarness;

internal static class Program
{
    private const string Usage = "compile [-I <folder>] <file.mq4|file.mq5> … | translate <file>";

    private static int Main(string[] args)
    {
        switch (args)
        {
            case ["compile", "-I", var include, .. var files] when files.Length > 0:
                return files.Count(file => !Compile(file, include));
            case ["compile", .. var files] when files.Length > 0:
                return files.Count(file => !Compile(file, null));
            case ["translate", var file]:
                Console.WriteLine(Translation.Of(file, Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "..", "Include")).Source);
                return 0;
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
}
