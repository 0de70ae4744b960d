namespace Lockstep.MqlHarness.Lint;

/// <summary>A place that leaves the subset.</summary>
/// <param name="File">Path.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Rule">Name of the rule, as in SUBSET.md.</param>
/// <param name="Message">What to write instead.</param>
public sealed record LintFinding(string File, int Line, string Rule, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{File}:{Line}: {Rule}: {Message}";
}
