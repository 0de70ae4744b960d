namespace Lockstep.Server.Configuration;

/// <summary>Shapes that several parts of the format use.</summary>
internal static class CommonShapes
{
    /// <summary>Form of the names of accounts and links.</summary>
    public const string NamePattern = "^[A-Za-z0-9._-]{1,40}$";

    public const string NameForm = "1 to 40 letters, digits, '-', '_' or '.'";

    public static readonly TextShape Name = new(NamePattern, NameForm);
    public static readonly TextShape AccountText = new(NamePattern, "the name or UUID of an account");
    public static readonly TextShape PathText = new("^[^\\u0000]{1,4096}$", "a path");
    public static readonly TextShape SymbolText = new("^[^\\s\\u0000-\\u001F]{1,64}$", "a symbol's name, 1 to 64 characters without spaces");
    public static readonly TextShape Affix = new("^[^\\s\\u0000-\\u001F]{0,16}$", "0 to 16 characters without spaces");
    public static readonly TextShape Comment = new("^.{1,64}$", "1 to 64 characters");
    public static readonly NumberShape LotsNumber = new(1_000_000m, Above: 0m);
    public static readonly FlagShape Flag = new();

    public static DurationShape Duration(TimeSpan min, TimeSpan max) => new(min, max);
}
