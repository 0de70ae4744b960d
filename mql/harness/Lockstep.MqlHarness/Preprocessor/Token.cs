namespace Lockstep.MqlHarness.Preprocessor;

/// <summary>What a token is.</summary>
public enum TokenKind
{
    /// <summary>A word: keyword, type, name.</summary>
    Word = 0,

    /// <summary>An integer or real number.</summary>
    Number = 1,

    /// <summary>A string with its quotes.</summary>
    Text = 2,

    /// <summary>A character with its quotes.</summary>
    Character = 3,

    /// <summary>A date or colour: <c>D'2026.01.01'</c>, <c>C'1,2,3'</c>.</summary>
    Quoted = 4,

    /// <summary>An operator or bracket.</summary>
    Sign = 5,

    /// <summary>A whole preprocessor line, continuation lines joined, without comments.</summary>
    Directive = 6,
}

/// <summary>A token of MQL, and where it stands.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">As written.</param>
/// <param name="File">Path of the file.</param>
/// <param name="Line">Line, from 1.</param>
public sealed record Token(TokenKind Kind, string Text, string File, int Line)
{
    /// <summary>True for this operator or bracket.</summary>
    public bool Is(string sign) => Kind == TokenKind.Sign && Text == sign;

    /// <summary>True for this word.</summary>
    public bool IsWord(string word) => Kind == TokenKind.Word && Text == word;
}

/// <summary>A source that cannot be read; the message names file and line.</summary>
public sealed class MqlException(string file, int line, string message) : Exception($"{file}:{line}: error: {message}");
