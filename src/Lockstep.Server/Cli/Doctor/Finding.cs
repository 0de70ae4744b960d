namespace Lockstep.Server.Cli.Doctor;

/// <summary>How bad a finding is. The worst of all is the exit code.</summary>
internal enum FindingLevel
{
    /// <summary>In order.</summary>
    Ok = 0,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning = 1,

    /// <summary>It does not work, or not safely.</summary>
    Error = 2,
}

/// <summary>One line of the examination.</summary>
/// <param name="Check">What was looked at: <c>database</c>.</param>
/// <param name="Level">How it is.</param>
/// <param name="Text">What was found.</param>
/// <param name="Fix">What to do; null when it is in order.</param>
internal sealed record Finding(string Check, FindingLevel Level, string Text, string? Fix = null)
{
    /// <summary>In order.</summary>
    public static Finding Ok(string check, string text) => new(check, FindingLevel.Ok, text);

    /// <summary>To be looked at.</summary>
    public static Finding Warn(string check, string text, string fix) => new(check, FindingLevel.Warning, text, fix);

    /// <summary>To be put in order.</summary>
    public static Finding Error(string check, string text, string fix) => new(check, FindingLevel.Error, text, fix);
}
