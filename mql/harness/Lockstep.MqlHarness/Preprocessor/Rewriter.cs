using System.Globalization;
using System.Text;

namespace Lockstep.MqlHarness.Preprocessor;

/// <summary>
/// Turns flattened MQL into C++ for the shim: prototypes and types first, arrays as classes, literals as the shim's strings, inputs that the host can set. Only the subset of
/// SUBSET.md is understood.
/// </summary>
public sealed class Rewriter
{
    private static readonly HashSet<string> NotTypes =
    [
        "return", "else", "do", "case", "goto", "new", "delete", "sizeof", "throw", "operator", "break", "continue", "default", "if", "while", "for", "switch", "using", "public",
        "private", "protected", "struct", "class", "enum", "typedef",
    ];

    private static readonly HashSet<string> Qualifiers = ["const", "static", "input", "sinput", "extern", "virtual"];

    private static readonly Dictionary<string, string> HandlerKinds = new()
    {
        ["OnInit"] = "init",
        ["OnDeinit"] = "deinit",
        ["OnTick"] = "tick",
        ["OnTimer"] = "timer",
        ["OnTrade"] = "trade",
        ["OnTradeTransaction"] = "transaction",
        ["OnChartEvent"] = "chart",
        ["OnStart"] = "start",
    };

    private readonly IReadOnlyList<Token> _tokens;
    private readonly StringBuilder _out = new();
    private readonly List<string> _types = [];
    private readonly List<(Token At, string Text)> _prototypes = [];
    private readonly List<(string Name, bool ReturnsValue)> _handlers = [];
    private readonly List<string> _inputs = [];
    private string _file = "";
    private int _line;
    private int _i;

    /// <summary>A rewriter for one program.</summary>
    public Rewriter(IReadOnlyList<Token> tokens) => _tokens = tokens;

    /// <summary>Names of the <c>input</c> variables.</summary>
    public IReadOnlyList<string> Inputs => _inputs;

    /// <summary>The C++ text. The program lives in a namespace of its own, so that its names never meet the shim's.</summary>
    public string Run()
    {
        while (_i < _tokens.Count)
        {
            TopLevel();
        }

        var head = new StringBuilder("#include \"mql.hpp\"\nnamespace program {\n");
        foreach (string type in _types)
        {
            head.Append(type).Append(";\n");
        }

        foreach (var (at, text) in _prototypes)
        {
            head.Append(CultureInfo.InvariantCulture, $"#line {at.Line} \"{at.File}\"\n{text};\n");
        }

        return head.Append(_out).Append("\n}\n").Append(Registration()).ToString();
    }

    private string Registration()
    {
        var text = new StringBuilder("#line 1 \"handlers\"\nvoid MqlRegisterHandlers([[maybe_unused]] MqlHandlers &h)\n{\n  using namespace program;\n");
        foreach (var (name, returns) in _handlers)
        {
            text.Append(CultureInfo.InvariantCulture, $"  h.{HandlerKinds[name]} = ");
            text.Append(name switch
            {
                "OnInit" => returns ? "[] { return (int)OnInit(); };\n" : "[] { OnInit(); return 0; };\n",
                "OnDeinit" => "[](int reason) { OnDeinit(reason); };\n",
                "OnTradeTransaction" => "[](const MqlTradeTransaction &t, const MqlTradeRequest &q, const MqlTradeResult &r) { OnTradeTransaction(t, q, r); };\n",
                "OnChartEvent" => "[](int id, const long &l, const double &d, const string &s) { OnChartEvent(id, l, d, s); };\n",
                _ => $"[] {{ {name}(); }};\n",
            });
        }

        return text.Append("}\n").ToString();
    }

    private Token? Peek(int ahead = 0) => _i + ahead < _tokens.Count ? _tokens[_i + ahead] : null;

    private bool At(string sign) => Peek() is { } token && token.Is(sign);

    private Token Take() => _i < _tokens.Count ? _tokens[_i++] : throw new MqlException(_file, _line, "the source ends in the middle");

    private static MqlException Error(Token token, string message) => new(token.File, token.Line, message);

    private void TopLevel()
    {
        var first = Peek()!;
        if (first.Kind == TokenKind.Directive)
        {
            EmitDirective(Take());
        }
        else if (first.IsWord("struct") || first.IsWord("class"))
        {
            StructOrClass();
        }
        else if (first.IsWord("enum"))
        {
            EnumDefinition();
        }
        else if (first.IsWord("input") || first.IsWord("sinput"))
        {
            Input();
        }
        else if (first.Is(";"))
        {
            Take();
        }
        else if (FunctionName() is { } name)
        {
            Function(name, topLevel: true);
        }
        else
        {
            Declaration(topLevel: true);
        }
    }

    /// <summary>Index of the name when a function (definition or prototype) starts here.</summary>
    private int? FunctionName()
    {
        for (int k = _i; k < _tokens.Count; k++)
        {
            var token = _tokens[k];
            if (token.Is("("))
            {
                return k > _i && _tokens[k - 1].Kind == TokenKind.Word ? k - 1 : null;
            }

            if (token.Kind != TokenKind.Word && !token.Is("::") && !token.Is("&") && !token.Is("*") && !token.Is("~"))
            {
                return null;
            }
        }

        return null;
    }

    private void Function(int name, bool topLevel)
    {
        bool member = _tokens.Skip(_i).Take(name - _i).Any(t => t.Is("::"));
        var first = Peek()!;
        int close = Matching(name + 1, "(", ")");
        bool prototype = close + 1 < _tokens.Count && _tokens[close + 1].Is(";");
        bool defined = close + 1 < _tokens.Count && (_tokens[close + 1].Is("{") || _tokens[close + 1].Is(":"));
        if (!prototype && !defined && !(_tokens[close + 1].IsWord("const") || _tokens[close + 1].IsWord("override")))
        {
            // T name(args); as a declaration with constructor arguments is not in the subset.
            throw Error(first, "neither a function nor a declaration of the subset");
        }

        string head = string.Join(' ', _tokens.Skip(_i).Take(name - _i).Where(t => !t.IsWord("export")).Select(Simple));
        string nameText = _tokens[name].Text;
        bool hoist = topLevel && !member;
        string withDefaults = Parameters(name + 2, close, defaults: true);
        string without = Parameters(name + 2, close, defaults: !hoist);
        if (hoist && !prototype)
        {
            _prototypes.Add((first, $"{head} {nameText}({withDefaults})"));
            if (HandlerKinds.ContainsKey(nameText))
            {
                _handlers.Add((nameText, head != "void"));
            }
        }

        Move(first);
        _out.Append(head).Append(' ').Append(nameText).Append('(').Append(without).Append(')');
        _i = close + 1;
        while (!At("{") && !At(";"))
        {
            // const, or a constructor's initialiser list
            EmitExpressionToken();
        }

        if (At(";"))
        {
            Emit(Take());
        }
        else
        {
            Block();
        }
    }

    /// <summary>A parameter list between two indices, arrays as views.</summary>
    private string Parameters(int from, int to, bool defaults)
    {
        var parts = new List<string>();
        int start = from;
        int depth = 0;
        for (int k = from; k <= to; k++)
        {
            if (k == to || (depth == 0 && _tokens[k].Is(",")))
            {
                if (k > start)
                {
                    parts.Add(Parameter(start, k, defaults));
                }

                start = k + 1;
            }
            else if (_tokens[k].Is("(") || _tokens[k].Is("[") || _tokens[k].Is("{"))
            {
                depth++;
            }
            else if (_tokens[k].Is(")") || _tokens[k].Is("]") || _tokens[k].Is("}"))
            {
                depth--;
            }
        }

        return string.Join(", ", parts);
    }

    private string Parameter(int from, int to, bool defaults)
    {
        int equals = Enumerable.Range(from, to - from).FirstOrDefault(k => _tokens[k].Is("="), to);
        int bracket = Enumerable.Range(from, equals - from).FirstOrDefault(k => _tokens[k].Is("["), -1);
        if (bracket < 0)
        {
            string plain = string.Join(' ', _tokens.Skip(from).Take(equals - from).Select(Simple));
            return defaults && equals < to ? $"{plain} = {string.Join(' ', _tokens.Skip(equals + 1).Take(to - equals - 1).Select(Simple))}" : plain;
        }

        if (_tokens.Skip(bracket + 1).Take(equals - bracket - 1).Any(t => t.Is("[")))
        {
            throw Error(_tokens[from], "array parameters have one dimension");
        }

        var before = _tokens.Skip(from).Take(bracket - from).ToList();
        bool constant = before.RemoveAll(t => t.IsWord("const")) > 0;
        if (before.RemoveAll(t => t.Is("&")) == 0)
        {
            throw Error(_tokens[from], "an array is passed by reference only");
        }

        bool named = before.Count > 1;
        string type = string.Join(' ', before.Take(named ? before.Count - 1 : 1).Select(Simple));
        return $"MqlArrRef<{(constant ? "const " : "")}{type}> {(named ? before[^1].Text : "")}".TrimEnd();
    }

    private int Matching(int open, string left, string right)
    {
        int depth = 0;
        for (int k = open; k < _tokens.Count; k++)
        {
            if (_tokens[k].Is(left))
            {
                depth++;
            }
            else if (_tokens[k].Is(right) && --depth == 0)
            {
                return k;
            }
        }

        throw Error(_tokens[open], $"{left} is not closed");
    }

    private void StructOrClass()
    {
        var word = Take();
        var name = Take();
        _types.Add($"{word.Text} {name.Text}");
        Move(word);
        _out.Append(word.Text).Append(' ').Append(name.Text);
        if (At(";"))
        {
            Emit(Take());
            return;
        }

        while (!At("{"))
        {
            Emit(Take());
        }

        Emit(Take());
        while (!At("}"))
        {
            if (Peek(1) is { } colon && colon.Is(":") && Peek()!.Kind == TokenKind.Word)
            {
                Emit(Take());
                Emit(Take());
            }
            else if (Peek()!.Kind == TokenKind.Directive)
            {
                EmitDirective(Take());
            }
            else if (FunctionName() is { } function)
            {
                Function(function, topLevel: false);
            }
            else if (Peek()!.Is("~"))
            {
                Emit(Take());
            }
            else if (At(";"))
            {
                Take();
            }
            else
            {
                Declaration(topLevel: false);
            }
        }

        Emit(Take());
        if (!At(";"))
        {
            throw Error(Peek() ?? name, "; is missing after }");
        }

        Emit(Take());
    }

    private void EnumDefinition()
    {
        var word = Take();
        if (At("{"))
        {
            Move(word);
            _out.Append("enum : int");
        }
        else
        {
            var name = Take();
            _types.Add($"enum {name.Text} : int");
            Move(word);
            _out.Append("enum ").Append(name.Text).Append(" : int");
        }

        int close = Matching(_i, "{", "}");
        while (_i <= close)
        {
            EmitExpressionToken();
        }

        Emit(Take());
    }

    /// <summary>An input: a variable the host may set before OnInit, and a constant reference that the source sees.</summary>
    private void Input()
    {
        var word = Take();
        if (Peek()!.IsWord("group"))
        {
            // The group line has no semicolon: it ends with its text.
            Take();
            Take();
            if (At(";"))
            {
                Take();
            }

            return;
        }

        string type = Simple(Take());
        var name = Take();
        _inputs.Add(name.Text);
        Move(word);
        _out.Append("static ").Append(type).Append(" mql_input_").Append(name.Text);
        while (!At(";"))
        {
            EmitExpressionToken();
        }

        Take();
        _out.Append("; static MqlInput mql_set_").Append(name.Text).Append("(\"").Append(name.Text).Append("\", mql_input_").Append(name.Text).Append("); [[maybe_unused]] const ")
            .Append(type).Append(" &").Append(name.Text).Append(" = mql_input_").Append(name.Text).Append(';');
    }

    /// <summary>A declaration, up to and including its semicolon; each declarator with arrays becomes its own.</summary>
    private void Declaration(bool topLevel)
    {
        var first = Peek()!;
        int start = _i;
        var prefix = new List<string>();
        while (Peek() is { Kind: TokenKind.Word } word && Qualifiers.Contains(word.Text))
        {
            Take();
            if (word.Text != "extern")
            {
                prefix.Add(word.Text);
            }
        }

        if (Peek() is not { Kind: TokenKind.Word } type || Peek(1) is not { Kind: TokenKind.Word })
        {
            throw Error(first, topLevel ? $"'{first.Text}' begins nothing that stands outside of functions" : "not a declaration of the subset");
        }

        Take();
        prefix.Add(Simple(type));
        int end = StatementEnd();
        bool arrays = HasArrayDeclarator(_i, end);
        if (!arrays)
        {
            _i = start;
            while (Peek() is { } token && token.IsWord("extern"))
            {
                Take();
            }

            while (_i <= end)
            {
                EmitExpressionToken();
            }

            return;
        }

        while (true)
        {
            var name = Take();
            var sizes = new List<string>();
            bool dynamic = false;
            while (At("["))
            {
                int close = Matching(_i, "[", "]");
                string size = string.Join(' ', _tokens.Skip(_i + 1).Take(close - _i - 1).Select(Simple));
                dynamic |= size.Length == 0;
                sizes.Add(size);
                _i = close + 1;
            }

            if (dynamic && sizes.Count > 1)
            {
                throw Error(name, "dynamic arrays have one dimension");
            }

            string declared = prefix[^1];
            for (int k = sizes.Count - 1; k >= 0; k--)
            {
                declared = dynamic ? $"MqlArray<{declared}>" : $"MqlStatic<{declared}, ({sizes[k]})>";
            }

            Move(name);
            foreach (string qualifier in prefix.SkipLast(1))
            {
                _out.Append(qualifier).Append(' ');
            }

            _out.Append(declared).Append(' ').Append(name.Text);
            int depth = 0;
            while (depth > 0 || !(At(",") || At(";")))
            {
                depth += At("(") || At("{") || At("[") ? 1 : At(")") || At("}") || At("]") ? -1 : 0;
                EmitExpressionToken();
            }

            _out.Append(';');
            if (Take().Is(";"))
            {
                return;
            }
        }
    }

    private int StatementEnd()
    {
        int depth = 0;
        for (int k = _i; k < _tokens.Count; k++)
        {
            var token = _tokens[k];
            if (depth == 0 && token.Is(";"))
            {
                return k;
            }

            depth += token.Is("(") || token.Is("{") || token.Is("[") ? 1 : token.Is(")") || token.Is("}") || token.Is("]") ? -1 : 0;
            if (depth < 0)
            {
                throw Error(token, "; is missing");
            }
        }

        throw Error(_tokens[_i], "; is missing");
    }

    /// <summary>Is one of the declarators between two indices an array: name, then a bracket, at depth 0, before its initialiser?</summary>
    private bool HasArrayDeclarator(int from, int end)
    {
        int depth = 0;
        bool naming = true;
        for (int k = from; k < end; k++)
        {
            var token = _tokens[k];
            if (depth == 0 && token.Is(","))
            {
                naming = true;
                continue;
            }

            if (depth == 0 && token.Is("="))
            {
                naming = false;
            }

            if (depth == 0 && naming && token.Is("["))
            {
                return true;
            }

            depth += token.Is("(") || token.Is("{") || token.Is("[") ? 1 : token.Is(")") || token.Is("}") || token.Is("]") ? -1 : 0;
        }

        return false;
    }

    private void Block()
    {
        Emit(Take());
        while (!At("}"))
        {
            Statement();
        }

        Emit(Take());
    }

    private void Statement()
    {
        var first = Peek() ?? throw new MqlException(_file, _line, "} is missing");
        if (first.Is("{"))
        {
            Block();
        }
        else if (first.Kind == TokenKind.Directive)
        {
            EmitDirective(Take());
        }
        else if (first.IsWord("if") || first.IsWord("while") || first.IsWord("for") || first.IsWord("switch"))
        {
            Emit(Take());
            int close = Matching(_i, "(", ")");
            while (_i <= close)
            {
                EmitExpressionToken();
            }

            Statement();
        }
        else if (first.IsWord("else") || first.IsWord("do"))
        {
            Emit(Take());
            Statement();
        }
        else if (first.IsWord("case") || first.IsWord("default"))
        {
            int question = 0;
            while (!At(":") || question > 0)
            {
                question += At("?") ? 1 : At(":") ? -1 : 0;
                EmitExpressionToken();
            }

            Emit(Take());
        }
        else if (BeginsDeclaration())
        {
            Declaration(topLevel: false);
        }
        else
        {
            int end = StatementEnd();
            while (_i <= end)
            {
                EmitExpressionToken();
            }
        }
    }

    private bool BeginsDeclaration()
    {
        int k = _i;
        while (k < _tokens.Count && _tokens[k].Kind == TokenKind.Word && Qualifiers.Contains(_tokens[k].Text))
        {
            k++;
        }

        return k + 1 < _tokens.Count && _tokens[k].Kind == TokenKind.Word && !NotTypes.Contains(_tokens[k].Text) && _tokens[k + 1].Kind == TokenKind.Word;
    }

    /// <summary>One token of an expression; a subscript is wrapped, so that it knows its line when it is out of range.</summary>
    private void EmitExpressionToken()
    {
        var token = Take();
        if (token.Kind == TokenKind.Directive)
        {
            EmitDirective(token);
        }
        else if (token.Is("["))
        {
            Move(token);
            _out.Append("[MqlAt(");
            while (!At("]"))
            {
                EmitExpressionToken();
            }

            Move(Take());
            _out.Append(")]");
        }
        else
        {
            Emit(token);
        }
    }

    private void EmitDirective(Token token)
    {
        Move(token);
        if (_out.Length > 0 && _out[^1] != '\n')
        {
            _out.Append('\n');
        }

        var (name, rest) = Flattener.Split(token.Text);
        _out.Append('#').Append(name).Append(' ');
        int nameEnd = rest.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_').Count();
        _out.Append(rest, 0, nameEnd);
        if (nameEnd < rest.Length && rest[nameEnd] == '(')
        {
            int close = rest.IndexOf(')', nameEnd);
            _out.Append(rest, nameEnd, close - nameEnd + 1);
            nameEnd = close + 1;
        }

        foreach (var part in Tokenizer.Tokens(rest[nameEnd..], token.File, token.Line))
        {
            _out.Append(' ').Append(Simple(part));
        }

        _out.Append(CultureInfo.InvariantCulture, $"\n#line {token.Line + 1} \"{token.File}\"\n");
        (_file, _line) = (token.File, token.Line + 1);
    }

    private void Emit(Token token)
    {
        Move(token);
        _out.Append(Simple(token));
    }

    /// <summary>Brings the output to the line of a token, and puts a blank before it.</summary>
    private void Move(Token token)
    {
        if (token.File != _file || token.Line < _line || token.Line > _line + 8)
        {
            _out.Append(CultureInfo.InvariantCulture, $"\n#line {token.Line} \"{token.File}\"\n");
            (_file, _line) = (token.File, token.Line);
            return;
        }

        while (_line < token.Line)
        {
            _out.Append('\n');
            _line++;
        }

        _out.Append(' ');
    }

    private static string Simple(Token token) => token.Kind switch
    {
        TokenKind.Text => $"u{token.Text}_s",
        TokenKind.Character => $"((ushort)u{token.Text})",
        TokenKind.Quoted => Quoted(token),
        TokenKind.Number => Number(token.Text),
        TokenKind.Word when token.Text == "NULL" => "MqlNull",
        TokenKind.Word when token.Text is "__FUNCTION__" or "__FUNCSIG__" => "MqlString(__func__)",
        TokenKind.Word when token.Text is "__FILE__" => $"u\"{Path.GetFileName(token.File)}\"_s",
        _ => token.Text,
    };

    // C++ takes a decimal number beyond long as an error, MQL as ulong.
    private static string Number(string text) =>
        text.All(char.IsAsciiDigit) && !long.TryParse(text, CultureInfo.InvariantCulture, out _) ? text + "UL" : text;

    private static string Quoted(Token token)
    {
        string inner = token.Text[2..^1].Trim();
        if (token.Text[0] == 'C')
        {
            int[] parts = [.. inner.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
            return string.Create(CultureInfo.InvariantCulture, $"((color){parts[0] | (parts[1] << 8) | (parts[2] << 16)})");
        }

        string[] forms = ["yyyy.MM.dd HH:mm:ss", "yyyy.MM.dd HH:mm", "yyyy.MM.dd"];
        if (!DateTime.TryParseExact(inner, forms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment))
        {
            throw new MqlException(token.File, token.Line, $"{token.Text}: write D'yyyy.mm.dd hh:mi:ss'");
        }

        return string.Create(CultureInfo.InvariantCulture, $"datetime({new DateTimeOffset(moment).ToUnixTimeSeconds()}L)");
    }
}
