namespace Lockstep.Server.Configuration;

/// <summary>One thing that is wrong with a configuration.</summary>
/// <param name="Line">Line in the file; 0 = the file as a whole.</param>
/// <param name="Path">The key: <c>links[0].sizing.factor</c>.</param>
/// <param name="Value">The value as it stands there; empty where it must not or cannot be shown.</param>
/// <param name="Text">What is wrong and what is allowed.</param>
internal sealed record ConfigError(int Line, string Path, string Value, string Text)
{
    /// <summary>For a person, without the file's name.</summary>
    public override string ToString() =>
        (Line > 0 ? $"line {Line}: " : "") + Path + (Value.Length > 0 ? $" = {Value}" : "") + (Path.Length > 0 ? ": " : "") + Text;
}
