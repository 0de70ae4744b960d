namespace Lockstep.MqlHarness.Preprocessor;

/// <summary>
/// Follows includes and conditions from a main file and gives the tokens that the compiler of one platform would see. <c>#define</c> and <c>#undef</c> stay in the stream for g++.
/// </summary>
public sealed class Flattener
{
    private readonly string _includeRoot;
    private readonly HashSet<string> _defined;
    private readonly List<Token> _tokens = [];
    private readonly List<string> _files = [];
    private readonly List<string> _open = [];

    /// <summary>A flattener.</summary>
    /// <param name="includeRoot">Folder of <c>#include &lt;…&gt;</c>.</param>
    /// <param name="mql4">True for MQL4.</param>
    public Flattener(string includeRoot, bool mql4)
    {
        _includeRoot = includeRoot;
        _defined = [mql4 ? "__MQL4__" : "__MQL5__", "__MQL__"];
    }

    /// <summary>The tokens, after <see cref="Add"/>.</summary>
    public IReadOnlyList<Token> Tokens => _tokens;

    /// <summary>Every file that was read, in the order of reading.</summary>
    public IReadOnlyList<string> Files => _files;

    /// <summary>Libraries named by <c>#import</c>.</summary>
    public List<string> Imports { get; } = [];

    /// <summary>Reads a file and what it includes.</summary>
    public void Add(string path)
    {
        if (_open.Contains(path))
        {
            throw new MqlException(path, 1, "includes itself");
        }

        _open.Add(path);
        if (!_files.Contains(path))
        {
            _files.Add(path);
        }

        // Each level: is it active, has one of its branches been taken?
        var levels = new Stack<(bool Active, bool Taken)>();
        bool active = true;
        bool importing = false;
        foreach (var token in Tokenizer.Tokens(Tokenizer.Decode(File.ReadAllBytes(path)), path))
        {
            if (token.Kind != TokenKind.Directive)
            {
                if (active && !importing)
                {
                    _tokens.Add(token);
                }

                continue;
            }

            var (name, rest) = Split(token.Text);
            switch (name)
            {
                case "ifdef" or "ifndef":
                    bool holds = active && _defined.Contains(rest) == (name == "ifdef");
                    levels.Push((active, holds));
                    active = holds;
                    break;
                case "else" when levels.Count > 0:
                    var level = levels.Pop();
                    active = level.Active && !level.Taken;
                    levels.Push((level.Active, true));
                    break;
                case "endif" when levels.Count > 0:
                    active = levels.Pop().Active;
                    break;
                case var _ when !active:
                    break;
                case "include":
                    Include(token, rest);
                    break;
                case "define":
                    _defined.Add(new string([.. rest.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_')]));
                    _tokens.Add(token);
                    break;
                case "undef":
                    _defined.Remove(rest);
                    _tokens.Add(token);
                    break;
                case "property" or "resource":
                    break;
                case "import":
                    importing = rest.Length > 0;
                    if (importing)
                    {
                        Imports.Add(rest.Trim('"').ToUpperInvariant());
                    }

                    break;
                default:
                    throw new MqlException(path, token.Line, $"#{name} is not MQL");
            }
        }

        if (levels.Count > 0)
        {
            throw new MqlException(path, 1, "#endif is missing");
        }

        _open.RemoveAt(_open.Count - 1);
    }

    internal static (string Name, string Argument) Split(string directive)
    {
        string text = directive[1..].TrimStart();
        int end = text.TakeWhile(char.IsAsciiLetter).Count();
        return (text[..end], text[end..].Trim());
    }

    private void Include(Token token, string what)
    {
        bool rooted = what.StartsWith('<');
        string name = what.Trim('<', '>', '"').Replace('\\', '/');
        string folder = rooted ? _includeRoot : Path.GetDirectoryName(token.File)!;
        string path = Path.GetFullPath(Path.Combine(folder, name));
        if (!File.Exists(path))
        {
            throw new MqlException(token.File, token.Line, $"{what} is not there (letter case counts here)");
        }

        Add(path);
    }
}
