namespace Lockstep.MqlHarness.Preprocessor;

/// <summary>A program as C++.</summary>
/// <param name="Source">The C++ text, with <c>#line</c> back to the MQL.</param>
/// <param name="Files">Every file read.</param>
/// <param name="Inputs">Names of the inputs.</param>
/// <param name="Imports">Libraries imported, in capitals.</param>
/// <param name="Mql4">True for MQL4.</param>
public sealed record Translation(string Source, IReadOnlyList<string> Files, IReadOnlyList<string> Inputs, IReadOnlyList<string> Imports, bool Mql4)
{
    /// <summary>Translates a main file (.mq4, .mq5). <c>#include &lt;…&gt;</c> is looked for in <paramref name="includeRoot"/>.</summary>
    public static Translation Of(string mainFile, string includeRoot)
    {
        bool mql4 = IsMql4(mainFile);
        var flattener = new Flattener(includeRoot, mql4);
        flattener.Add(Path.GetFullPath(mainFile));
        var rewriter = new Rewriter(flattener.Tokens);
        string source = rewriter.Run();
        return new Translation(source, flattener.Files, rewriter.Inputs, flattener.Imports, mql4);
    }

    /// <summary>The platform is told by the extension of the main file, as for MetaEditor.</summary>
    public static bool IsMql4(string mainFile) => Path.GetExtension(mainFile) switch
    {
        ".mq4" => true,
        ".mq5" => false,
        var other => throw new ArgumentException($"{mainFile}: .mq4 or .mq5 is expected, not {other}", nameof(mainFile)),
    };
}
