using Lockstep.MqlHarness.Preprocessor;

namespace Lockstep.MqlHarness.Lint;

/// <summary>
/// Token rules of SUBSET.md: what g++ takes and MetaEditor does not, what means different things on MT4 and MT5, and what must stay in its wrapper. All branches of
/// conditions are looked at.
/// </summary>
public sealed class MqlLint
{
    private static readonly HashSet<string> CppWords =
    [
        "alignas", "alignof", "and", "and_eq", "asm", "atomic_cancel", "bitand", "bitor", "char8_t", "char16_t", "char32_t", "compl", "concept", "const_cast", "consteval", "constexpr",
        "co_await", "co_return", "co_yield", "decltype", "explicit", "friend", "inline", "mutable", "namespace", "noexcept", "not", "not_eq", "nullptr", "or", "or_eq",
        "register", "reinterpret_cast", "requires", "signed", "static_assert", "static_cast", "thread_local", "typeid", "typename", "unsigned", "using", "volatile", "wchar_t", "xor", "xor_eq",
    ];

    private static readonly Dictionary<string, string> NeverMql = new()
    {
        ["auto"] = "name the type",
        ["try"] = "MQL has no exceptions",
        ["catch"] = "MQL has no exceptions",
        ["throw"] = "MQL has no exceptions",
        ["std"] = "there is no std in MQL",
        ["goto"] = "MQL has no goto",
        ["size_t"] = "int, uint or ulong",
        ["int64_t"] = "long",
        ["uint8_t"] = "uchar",
    };

    private static readonly Dictionary<string, string> Avoided = new()
    {
        ["new"] = "values and arrays of values only",
        ["delete"] = "values and arrays of values only",
        ["interface"] = "free functions",
        ["virtual"] = "free functions",
        ["template"] = "one function a type",
        ["typedef"] = "no function pointers",
        ["union"] = "serialise by hand",
        ["pack"] = "serialise by hand",
        ["export"] = "not needed",
        ["matrix"] = "MQL5 only",
        ["vector"] = "MQL5 only",
        ["GetPointer"] = "no pointers",
        ["CheckPointer"] = "no pointers",
        ["ArraySetAsSeries"] = "index explicitly",
        ["StringConcatenate"] = "returns the text in MQL4 and a length in MQL5: use +",
        ["Sleep"] = "stops the program: come back with the next timer",
        ["MessageBox"] = "stops the program",
        ["WebRequest"] = "stops the program for as long as the answer takes",
    };

    private static readonly HashSet<string> ArrayMethods = ["Size", "Push", "Pop", "Resize", "Fill", "Copy", "Sort", "Insert", "Remove", "Swap"];

    // By the file they live in: nothing else may call the terminal.
    private static readonly (string[] Starts, string[] Files, string Wrapper)[] Wrappers =
    [
        (["Socket"], ["NetSocket.mqh"], "Net*"),
        (["FileOpen", "FileClose", "FileRead", "FileWrite", "FileFlush", "FileSeek", "FileTell", "FileSize", "FileDelete", "FileMove", "FileCopy", "FileIs", "FileFind", "Folder"], ["Files.mqh", "NetPipe.mqh"], "Fs*"),
        (["TimeCurrent", "TimeGMT", "TimeLocal", "TimeTradeServer", "GetTickCount", "GetMicrosecondCount"], ["Clock.mqh", "Platform.mqh", "Platform4.mqh", "Platform5.mqh"], "Clk*"),
        (["OrderSend", "OrderClose", "OrderModify", "OrderDelete", "OrderSelect", "OrderGet", "OrderCheck", "OrderCalc", "OrdersTotal", "OrdersHistoryTotal", "PositionGet", "PositionSelect", "PositionsTotal", "History",
            "AccountInfo", "SymbolInfo", "SymbolsTotal", "SymbolName", "SymbolSelect", "MarketInfo", "RefreshRates", "IsConnected", "IsTradeAllowed", "IsTradeContextBusy", "CopyRates", "CopyTicks"],
            ["Platform.mqh", "Platform4.mqh", "Platform5.mqh", "Lineage4.mqh"], "Tr*, Acc*, Sym*, Book*, Hist*"),
        (["StringTrimLeft", "StringTrimRight"], ["Text.mqh"], "Text*"),
    ];

    private static readonly HashSet<string> Comparisons = ["==", "!=", "<", ">", "<=", ">="];
    private static readonly HashSet<string> Bitwise = ["&", "|", "^", "<<", ">>"];

    private readonly List<LintFinding> _findings = [];
    private readonly string _file;
    private readonly string _name;
    private readonly List<Token> _tokens;

    private MqlLint(string file, List<Token> tokens)
    {
        _file = file;
        _name = Path.GetFileName(file);
        _tokens = tokens;
    }

    /// <summary>Looks at one file.</summary>
    public static IReadOnlyList<LintFinding> Check(string file) => Check(file, File.ReadAllBytes(file));

    /// <summary>Looks at a source that goes by the name of <paramref name="file"/>.</summary>
    public static IReadOnlyList<LintFinding> Check(string file, byte[] bytes)
    {
        var encoding = new List<LintFinding>();
        if (bytes is [0xFF, 0xFE, ..] or [0xEF, 0xBB, 0xBF, ..])
        {
            encoding.Add(new LintFinding(file, 1, "encoding", "UTF-8 without a mark"));
        }

        string text = Tokenizer.Decode(bytes);
        List<Token> tokens;
        try
        {
            tokens = Tokenizer.Tokens(text, file);
        }
        catch (MqlException e)
        {
            return [.. encoding, new LintFinding(file, 1, "syntax", e.Message)];
        }

        var lint = new MqlLint(file, tokens);
        lint._findings.AddRange(encoding);
        lint.Directives();
        lint.Words();
        lint.Shapes();
        lint.Defaults();
        lint.Parentheses();
        lint.Requests();
        return [.. lint._findings.OrderBy(f => f.Line)];
    }

    private void Find(Token at, string rule, string message) => _findings.Add(new LintFinding(_file, at.Line, rule, message));

    private Token? Next(int i, int ahead = 1) => i + ahead < _tokens.Count && i + ahead >= 0 ? _tokens[i + ahead] : null;

    private bool NextIs(int i, string sign, int ahead = 1) => Next(i, ahead) is { } token && token.Is(sign);

    private void Directives()
    {
        bool strict = false;
        foreach (var token in _tokens.Where(t => t.Kind == TokenKind.Directive))
        {
            var (name, rest) = Flattener.Split(token.Text);
            switch (name)
            {
                case "ifdef" or "ifndef" or "else" or "endif" or "undef":
                    break;
                case "property":
                    strict |= rest == "strict";
                    break;
                case "include":
                    Include(token, rest);
                    break;
                case "define":
                    int end = rest.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_').Count();
                    if ((end < rest.Length && rest[end] == '(') || rest.Contains("##", StringComparison.Ordinal))
                    {
                        Find(token, "macro", "a function instead of a macro with arguments");
                    }

                    break;
                case "import":
                    if (!_name.StartsWith("Net", StringComparison.Ordinal))
                    {
                        Find(token, "import", "only in a transport file, Net*.mqh");
                    }

                    break;
                default:
                    Find(token, "directive", $"#{name}: only #ifdef, #ifndef, #else, #endif, #define, #undef, #include, #property and #import");
                    break;
            }
        }

        if (_name.EndsWith(".mq4", StringComparison.Ordinal) && !strict)
        {
            _findings.Add(new LintFinding(_file, 1, "strict", "#property strict is missing"));
        }
    }

    private void Include(Token token, string what)
    {
        string name = what.Trim('<', '>', '"');
        if (name.Contains('\\'))
        {
            Find(token, "include", "write / in paths");
        }
        else if (what.StartsWith('"') && File.Exists(_file) && !File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(_file))!, name)))
        {
            Find(token, "include", $"{name} is not there: letter case counts");
        }
    }

    private void Words()
    {
        for (int i = 0; i < _tokens.Count; i++)
        {
            var token = _tokens[i];
            if (token.Kind is TokenKind.Text or TokenKind.Character && token.Text.Any(c => c > 126))
            {
                Find(token, "encoding", "ASCII only in texts");
            }

            if (token.Kind != TokenKind.Word)
            {
                continue;
            }

            bool member = i > 0 && _tokens[i - 1].Is(".");
            if (CppWords.Contains(token.Text))
            {
                Find(token, "keyword", $"{token.Text} is a word of C++");
            }
            else if (NeverMql.TryGetValue(token.Text, out string? instead))
            {
                Find(token, "not-mql", $"{token.Text}: {instead}");
            }
            else if (!member && Avoided.TryGetValue(token.Text, out string? better))
            {
                Find(token, "avoid", $"{token.Text}: {better}");
            }
            else if (member && NextIs(i, "(") && ArrayMethods.Contains(token.Text))
            {
                Find(token, "array-method", $".{token.Text}() is MQL5 only: ArraySize, ArrayResize");
            }
            else if (!member && NextIs(i, "("))
            {
                Wrapped(token, i);
            }
        }
    }

    private void Wrapped(Token token, int i)
    {
        foreach (var (starts, files, wrapper) in Wrappers)
        {
            // A wrapper's own name may begin like the terminal's function; its definition and calls are ours.
            if (starts.Any(start => token.Text.StartsWith(start, StringComparison.Ordinal)) && !files.Contains(_name) && !(i > 0 && _tokens[i - 1].Kind == TokenKind.Word && !_tokens[i - 1].IsWord("return")))
            {
                Find(token, "wrapper", $"{token.Text}: calls of the terminal stand behind {wrapper}");
            }
        }
    }

    private void Shapes()
    {
        for (int i = 0; i < _tokens.Count; i++)
        {
            var token = _tokens[i];
            if (token.Is("->"))
            {
                Find(token, "not-mql", "-> is no operator of MQL");
            }
            else if (token.Is("[") && (NextIs(i, "]") || NextIs(i, "&") || NextIs(i, "=")) && (NextIs(i, "(", 2) || NextIs(i, "(", 3)) && !(i > 0 && _tokens[i - 1].Kind == TokenKind.Word))
            {
                Find(token, "not-mql", "MQL has no lambdas");
            }
            else if (token.IsWord("case") && Next(i) is { Kind: TokenKind.Text })
            {
                Find(token, "not-mql", "no switch on strings");
            }
            else if (token.IsWord("for") && NextIs(i, "("))
            {
                For(token, i);
            }
            else if (token.IsWord("while") && NextIs(i, "(") && (Next(i, 2)!.IsWord("true") || Next(i, 2)!.Text == "1") && NextIs(i, ")", 3))
            {
                Find(token, "endless", "a loop needs an end: work a timer's worth");
            }
            else if (token.IsWord("char") && Next(i) is { Kind: TokenKind.Word } && NextIs(i, "[", 2))
            {
                Find(token, "bytes", "uchar for bytes");
            }
            else if (token.Is("]") && NextIs(i, "[") && Next(i, 2) is not null && IsDeclarator(i))
            {
                Find(token, "dimensions", "arrays have one dimension");
            }
            else if (token.Kind == TokenKind.Word && NextIs(i, "*") && Next(i, 2) is { Kind: TokenKind.Word } && (NextIs(i, ";", 3) || NextIs(i, "=", 3)) && StartsStatement(i))
            {
                Find(token, "avoid", "no pointers");
            }
            else if (token.IsWord("input") && Next(i)?.IsWord("group") == true && !InMql5Only(token))
            {
                Find(token, "input-group", "is MQL5 only: under #ifdef __MQL5__");
            }
        }
    }

    private void For(Token token, int i)
    {
        int depth = 0;
        for (int k = i + 1; k < _tokens.Count; k++)
        {
            depth += _tokens[k].Is("(") ? 1 : _tokens[k].Is(")") ? -1 : 0;
            if (_tokens[k].Is(";") && NextIs(k, ";"))
            {
                Find(token, "endless", "a loop needs an end: work a timer's worth");
                return;
            }

            if (_tokens[k].Is(";") || depth == 0)
            {
                return;
            }

            if (depth == 1 && _tokens[k].Is(":"))
            {
                Find(token, "not-mql", "no loop over a range");
                return;
            }
        }
    }

    private bool StartsStatement(int i) => i == 0 || _tokens[i - 1].Is(";") || _tokens[i - 1].Is("{") || _tokens[i - 1].Is("}") || _tokens[i - 1].Kind == TokenKind.Directive;

    // int a[2][3]: two words before the first bracket.
    private bool IsDeclarator(int close)
    {
        int k = close;
        while (k > 0 && !_tokens[k].Is("["))
        {
            k--;
        }

        return k >= 2 && _tokens[k - 1].Kind == TokenKind.Word && (_tokens[k - 2].Kind == TokenKind.Word || _tokens[k - 2].Is("&")) && !_tokens[k - 2].IsWord("return");
    }

    private bool InMql5Only(Token token)
    {
        int open = 0;
        foreach (var directive in _tokens.Where(t => t.Kind == TokenKind.Directive && t.Line < token.Line))
        {
            var (name, rest) = Flattener.Split(directive.Text);
            open += name == "ifdef" && rest == "__MQL5__" ? 1 : name == "endif" && open > 0 ? -1 : 0;
        }

        return open > 0 || _name.EndsWith(".mq5", StringComparison.Ordinal);
    }

    /// <summary>Default arguments are literals: both compilers then agree on where their value is known.</summary>
    private void Defaults()
    {
        int braces = 0;
        int parens = 0;
        for (int i = 0; i < _tokens.Count; i++)
        {
            var token = _tokens[i];
            braces += token.Is("{") ? 1 : token.Is("}") ? -1 : 0;
            parens += token.Is("(") ? 1 : token.Is(")") ? -1 : 0;
            if (braces != 0 || parens != 1 || !token.Is("=") || Next(i) is not { } value)
            {
                continue;
            }

            int after = value.Is("-") ? 3 : 2;
            bool literal = (value.Is("-") ? Next(i, 2) : value) is { } first && (first.Kind is TokenKind.Number or TokenKind.Text or TokenKind.Character || first.Text is "true" or "false" or "NULL");
            if (!literal || !(NextIs(i, ",", after) || NextIs(i, ")", after)))
            {
                Find(token, "default", "default arguments are literals");
            }
        }
    }

    /// <summary>Bitwise beside comparison, &amp;&amp; beside ||: old MQL4 bound them otherwise, and readers do not know.</summary>
    private void Parentheses()
    {
        var stack = new Stack<HashSet<string>>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < _tokens.Count; i++)
        {
            var token = _tokens[i];
            if (token.Is("(") || token.Is("["))
            {
                stack.Push(seen);
                seen = new HashSet<string>(StringComparer.Ordinal);
            }
            else if (token.Is(")") || token.Is("]"))
            {
                seen = stack.Count > 0 ? stack.Pop() : new HashSet<string>(StringComparer.Ordinal);
            }
            else if (token.Kind == TokenKind.Directive || token.Text is ";" or "," or "{" or "}" or "?" or ":" or "=" or "return" or "+=" or "-=" or "|=" or "&=" or "^=")
            {
                seen = new HashSet<string>(StringComparer.Ordinal);
            }
            else if (token.Kind == TokenKind.Sign && (Comparisons.Contains(token.Text) || Bitwise.Contains(token.Text) || token.Text is "&&" or "||") && seen.Add(token.Text) && Mixed(seen))
            {
                Find(token, "parentheses", $"parentheses around a mix of {string.Join(' ', seen)}");
                seen = new HashSet<string>(StringComparer.Ordinal);
            }
        }
    }

    private static bool Mixed(HashSet<string> seen)
    {
        bool bitwise = seen.Overlaps(Bitwise);
        return (bitwise && (seen.Overlaps(Comparisons) || seen.Contains("&&") || seen.Contains("||")))
            || (seen.Contains("&&") && seen.Contains("||"))
            || (seen.Contains("&") && (seen.Contains("|") || seen.Contains("^")))
            || (seen.Contains("<<") && (seen.Contains("|") || seen.Contains("&") || seen.Contains("^")));
    }

    private void Requests()
    {
        for (int i = 0; i + 2 < _tokens.Count; i++)
        {
            if (_tokens[i].Text is "MqlTradeRequest" or "MqlTradeResult" && Next(i) is { Kind: TokenKind.Word } name && NextIs(i, ";", 2) && InFunction(i)
                && !(Next(i, 3)?.IsWord("ZeroMemory") == true && Next(i, 5)?.Text == name.Text) && !Zeroed(i, name.Text))
            {
                Find(name, "zero", $"ZeroMemory({name.Text}) right after its declaration");
            }
        }
    }

    // Several declarations may come first, then their ZeroMemory.
    private bool Zeroed(int i, string name)
    {
        for (int k = i + 3; k + 2 < _tokens.Count && k < i + 40 && !_tokens[k].Is("}"); k++)
        {
            if (_tokens[k].IsWord("ZeroMemory") && _tokens[k + 2].Text == name)
            {
                return true;
            }

            if (_tokens[k].Text == name)
            {
                // Handed to a function that fills it: that one zeroes.
                return !NextIs(k, ".") && !CalledFunction(k).StartsWith("Order", StringComparison.Ordinal);
            }
        }

        return false;
    }

    private string CalledFunction(int i)
    {
        while (i > 0 && !_tokens[i].Is("("))
        {
            i--;
        }

        return i > 0 ? _tokens[i - 1].Text : "";
    }

    private bool InFunction(int i)
    {
        int depth = 0;
        int open = -1;
        for (int k = 0; k < i; k++)
        {
            if (_tokens[k].Is("{") && depth++ == 0)
            {
                open = k;
            }

            depth -= _tokens[k].Is("}") ? 1 : 0;
        }

        return depth > 0 && open > 0 && _tokens[open - 1].Is(")");
    }
}
