using System.Text;

namespace Lockstep.MqlHarness.Preprocessor;

/// <summary>Cuts a source into tokens. Comments go first, so that they cannot disturb anything; line numbers stay.</summary>
public static class Tokenizer
{
    private static readonly string[] Signs =
    [
        "<<=", ">>=", "...", "::", "->", "++", "--", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<", ">>", "##",
    ];

    /// <summary>Reads a file as MetaEditor does: UTF-8 with or without mark, UTF-16 with mark, else Windows-1252 (its upper half as Latin-1).</summary>
    public static string Decode(byte[] bytes)
    {
        if (bytes is [0xFF, 0xFE, ..])
        {
            return Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2);
        }

        if (bytes is [0xEF, 0xBB, 0xBF, ..])
        {
            return Encoding.UTF8.GetString(bytes, 3, bytes.Length - 3);
        }

        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>The tokens of a source.</summary>
    public static List<Token> Tokens(string source, string file, int firstLine = 1)
    {
        string text = StripComments(source.ReplaceLineEndings("\n"), file);
        var tokens = new List<Token>();
        int line = firstLine;
        bool atLineStart = true;
        int i = 0;
        while (i < text.Length)
        {
            char c = text[i];
            if (c == '\n')
            {
                line++;
                i++;
                atLineStart = true;
            }
            else if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == '#' && atLineStart)
            {
                int from = line;
                var directive = new StringBuilder();
                while (i < text.Length && text[i] != '\n')
                {
                    if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] == '\n')
                    {
                        directive.Append(' ');
                        line++;
                        i += 2;
                    }
                    else
                    {
                        directive.Append(text[i++]);
                    }
                }

                tokens.Add(new Token(TokenKind.Directive, directive.ToString().Trim(), file, from));
            }
            else
            {
                atLineStart = false;
                int end = End(text, i, file, line, out var kind);
                tokens.Add(new Token(kind, text[i..end], file, line));
                i = end;
            }
        }

        return tokens;
    }

    private static int End(string text, int i, string file, int line, out TokenKind kind)
    {
        char c = text[i];
        if (c is 'D' or 'C' && i + 1 < text.Length && text[i + 1] == '\'')
        {
            kind = TokenKind.Quoted;
            return Closing(text, i + 1, file, line);
        }

        if (c is '"' or '\'')
        {
            kind = c == '"' ? TokenKind.Text : TokenKind.Character;
            return Closing(text, i, file, line);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            kind = TokenKind.Word;
            while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_'))
            {
                i++;
            }

            return i;
        }

        if (char.IsAsciiDigit(c) || (c == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1])))
        {
            kind = TokenKind.Number;
            bool hex = c == '0' && i + 1 < text.Length && text[i + 1] is 'x' or 'X';
            while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '.' || (!hex && text[i] is '+' or '-' && text[i - 1] is 'e' or 'E')))
            {
                i++;
            }

            return i;
        }

        kind = TokenKind.Sign;
        foreach (string sign in Signs)
        {
            if (string.CompareOrdinal(text, i, sign, 0, sign.Length) == 0)
            {
                return i + sign.Length;
            }
        }

        return i + 1;
    }

    private static int Closing(string text, int i, string file, int line)
    {
        char quote = text[i++];
        while (i < text.Length && text[i] != '\n')
        {
            if (text[i] == quote)
            {
                return i + 1;
            }

            i += text[i] == '\\' ? 2 : 1;
        }

        throw new MqlException(file, line, $"{quote} is not closed");
    }

    private static string StripComments(string text, string file)
    {
        var result = new StringBuilder(text.Length);
        int line = 1;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '"' or '\'')
            {
                // An apostrophe in a directive's free text (#property) is no character.
                int end = i + 1;
                while (end < text.Length && text[end] != '\n' && text[end] != c)
                {
                    end += text[end] == '\\' ? 2 : 1;
                }

                end = Math.Min(end, text.Length - 1);
                result.Append(text, i, end - i + 1);
                line += text[end] == '\n' ? 1 : 0;
                i = end;
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '/')
            {
                while (i + 1 < text.Length && text[i + 1] != '\n')
                {
                    i++;
                }
            }
            else if (c == '/' && i + 1 < text.Length && text[i + 1] == '*')
            {
                int close = text.IndexOf("*/", i + 2, StringComparison.Ordinal);
                if (close < 0)
                {
                    throw new MqlException(file, line, "comment is not closed");
                }

                result.Append(' ');
                for (int k = i; k < close; k++)
                {
                    if (text[k] == '\n')
                    {
                        result.Append('\n');
                        line++;
                    }
                }

                i = close + 1;
            }
            else
            {
                line += c == '\n' ? 1 : 0;
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
