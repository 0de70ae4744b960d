using System.Security.Cryptography;
using System.Text;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Server.Configuration;

/// <summary>Makes an account of an account's section. One reader reads all: what may be there only once is compared.</summary>
internal sealed class AccountReader(List<ConfigError> errors, string folder, Func<string, string?> environment)
{
    private readonly Dictionary<string, string> _keys = [];
    private readonly Dictionary<(PlatformKind, long, string), string> _logins = [];
    private readonly Dictionary<long, string> _ctids = [];

    /// <summary>Null when the account lacks what it cannot be without.</summary>
    public AccountConfig? Read(string name, ItemReader account, string path) => account.Text("platform") switch
    {
        "paper" => Paper(name, account, path),
        "mt4" => Terminal(name, account, path, PlatformKind.Mt4),
        "mt5" => Terminal(name, account, path, PlatformKind.Mt5),
        "ctrader" => CTrader(name, account, path),
        _ => null,
    };

    private AccountConfig CTrader(string name, ItemReader account, string path)
    {
        long? ctid = account.Number("ctidTraderAccountId") is { } number ? (long)number : null;
        if (ctid is { } own && !_ctids.TryAdd(own, name))
        {
            errors.Add(new ConfigError(account.Value("ctidTraderAccountId")!.Line, $"{path}.ctidTraderAccountId", account.Value("ctidTraderAccountId")!.Shown,
                $"account '{_ctids[own]}' has the same number; one account may be there once"));
        }

        return new AccountConfig(new AccountId(name), account.Flag("enabled", true))
        {
            CTrader = new CTraderAccountConfig
            {
                Ctid = ctid,
                Environment = account.Choice<OpenApiEnvironment>("environment"),
                AnswerTimeout = account.Duration("answerTimeout"),
                AbsenceHorizon = account.Duration("absenceHorizon"),
            },
        };
    }

    private AccountConfig? Terminal(string name, ItemReader account, string path, PlatformKind platform)
    {
        var mode = account.Choice<AccountMode>("mode");
        if (platform == PlatformKind.Mt4 && mode == AccountMode.Netting)
        {
            errors.Add(new ConfigError(account.Value("mode")!.Line, $"{path}.mode", "\"netting\"", "there is no netting on MT4; use \"hedging\", \"fifo\" or leave it out"));
        }

        string? hash = Hash(name, account.Below("key"), $"{path}.key");
        if (account.Number("login") is not { } login || account.Text("server") is not { } server)
        {
            return null;
        }

        // Brokers' server names differ in more than capitals.
        var place = (platform, (long)login, server.ToUpperInvariant());
        if (!_logins.TryAdd(place, name))
        {
            errors.Add(new ConfigError(account.Value("login")!.Line, $"{path}.login", account.Value("login")!.Shown,
                $"account '{_logins[place]}' has the same login on the same server; one account may be there once"));
        }

        return hash is null && account.Item?["key"] is not null ? null : new AccountConfig(new AccountId(name), account.Flag("enabled", true))
        {
            Terminal = new TerminalConfig
            {
                Platform = platform,
                Login = (long)login,
                Server = server,
                KeyHash = hash,
                Mode = mode,
                DailyBudget = account.Whole("dailyBudget") ?? 0,
                AnswerTimeout = account.Duration("answerTimeout"),
                AbsenceHorizon = account.Duration("absenceHorizon"),
            },
        };
    }

    private string? Hash(string name, ItemReader key, string path)
    {
        if (Secrets.Reference(key, folder) is not { } reference)
        {
            return null;
        }

        var (secret, problem) = Secrets.Read(reference, environment);
        if (secret is null)
        {
            errors.Add(new ConfigError(key.Item!.Line, path, "", $"{reference} {problem}"));
            return null;
        }

        string hash = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
        if (!_keys.TryAdd(hash, name))
        {
            errors.Add(new ConfigError(key.Item!.Line, path, "", $"account '{_keys[hash]}' has the same key; a key names its account, so each needs one of its own"));
        }

        return hash;
    }

    private AccountConfig? Paper(string name, ItemReader account, string path)
    {
        var broker = account.Below("broker");
        if (broker.Item is not { } item || broker.Text("kind") is not { } kind)
        {
            return null;
        }

        path += ".broker";
        var (platform, mode) = BrokerKinds.Of(kind);
        var settings = new BrokerSettings { Platform = platform, Mode = mode, Symbols = [] };
        settings = settings with
        {
            Symbols = Symbols(broker, platform, path, broker.Text("tradingHours") == "market"),
            OpeningBalance = broker.Number("balance") ?? settings.OpeningBalance,
            Currency = broker.Text("currency") ?? settings.Currency,
            Leverage = broker.Number("leverage") ?? settings.Leverage,
            ExecutionDelayMin = broker.Duration("executionDelayMin") ?? settings.ExecutionDelayMin,
            ExecutionDelayMax = broker.Duration("executionDelayMax") ?? settings.ExecutionDelayMax,
            AbsenceHorizon = broker.Duration("absenceHorizon"),
            AnswerTimeout = broker.Duration("answerTimeout") ?? settings.AnswerTimeout,
            StopOutLevel = broker.Number("stopOutLevel") ?? settings.StopOutLevel,
        };
        if (settings.ExecutionDelayMin > settings.ExecutionDelayMax)
        {
            // One of the two given alone pulls the other with it; both given and crossed is a mistake.
            if (broker.Value("executionDelayMin") is not null && broker.Value("executionDelayMax") is { } max)
            {
                errors.Add(new ConfigError(max.Line, $"{path}.executionDelayMax", max.Shown, "must not be below executionDelayMin"));
            }
            else if (broker.Value("executionDelayMin") is not null)
            {
                settings = settings with { ExecutionDelayMax = settings.ExecutionDelayMin };
            }
            else
            {
                settings = settings with { ExecutionDelayMin = settings.ExecutionDelayMax };
            }
        }

        foreach (var twice in settings.Symbols.GroupBy(s => s.Spec.Name).Where(g => g.Count() > 1))
        {
            errors.Add(new ConfigError(item.Line, $"{path}.symbols", "", $"'{twice.Key}' is there {twice.Count()} times; each name may be there once"));
        }

        return new AccountConfig(new AccountId(name), account.Flag("enabled", true)) { Broker = settings };
    }

    private List<SimSymbol> Symbols(ItemReader broker, PlatformKind platform, string path, bool withHours)
    {
        var catalogue = SimCatalogue.For(platform);
        var symbols = new List<SimSymbol>();
        string suffix = broker.Text("suffix") ?? "";
        if (broker.Value("symbols") is not { Items.Count: > 0 } list)
        {
            symbols.AddRange(catalogue.Select(s => Renamed(s, s.Spec.Name + suffix)));
        }
        else
        {
            for (int i = 0; i < list.Items.Count; i++)
            {
                if (Symbol(broker, catalogue, list.Items[i], suffix, $"{path}.symbols[{i}]") is { } symbol)
                {
                    symbols.Add(symbol);
                }
            }
        }

        decimal commission = broker.Number("commissionPerLot") ?? 0m;
        return [.. symbols.Select(s => s with
        {
            CommissionPerLot = s.CommissionPerLot < 0 ? commission : s.CommissionPerLot,
            Hours = withHours ? s.Hours : TradingHours.Always,
        })];
    }

    private SimSymbol? Symbol(ItemReader broker, IReadOnlyList<SimSymbol> catalogue, JsonItem item, string suffix, string path)
    {
        var own = broker.Of(item);
        var nameItem = item.Kind == JsonKind.Text ? item : own.Value("symbol");
        if (nameItem is null)
        {
            return null;
        }

        if (catalogue.FirstOrDefault(s => s.Spec.Name.Value == nameItem.Text) is not { } found)
        {
            errors.Add(new ConfigError(nameItem.Line, item.Kind == JsonKind.Text ? path : path + ".symbol", nameItem.Shown,
                $"is no symbol of the simulator's catalogue{Spelling.DidYouMean(nameItem.Text, SimCatalogue.Names)}; known: {string.Join(", ", SimCatalogue.Names)}"));
            return null;
        }

        var spec = found.Spec;
        int digits = own.Whole("digits") ?? spec.Digits;
        spec = spec with
        {
            ContractSize = own.Number("contractSize") ?? spec.ContractSize,
            Digits = digits,
            MinLots = own.Lots("minLots") ?? spec.MinLots,
            LotStep = own.Lots("lotStep") ?? spec.LotStep,
            MaxLots = own.Lots("maxLots") ?? spec.MaxLots,
            StopsLevelPoints = own.Whole("stopsLevelPoints") ?? spec.StopsLevelPoints,
            FreezeLevelPoints = own.Whole("freezeLevelPoints") ?? spec.FreezeLevelPoints,
        };
        spec = digits == found.Spec.Digits ? spec : spec with { TickSize = spec.Point };
        var symbol = Renamed(found with { Spec = spec }, own.Text("as") ?? nameItem.Text + suffix) with { CommissionPerLot = own.Number("commissionPerLot") ?? -1m };
        if (ImpossibleLots(symbol.Spec) is { } problem)
        {
            errors.Add(new ConfigError(item.Line, path, item.Shown, problem));
            return null;
        }

        return symbol;
    }

    private static string? ImpossibleLots(SymbolSpec spec) =>
        spec.Problem() is { } problem ? problem
        : spec.LotStep > spec.MinLots ? $"{spec.Name}: lotStep {spec.LotStep} is above minLots {spec.MinLots}"
        : !spec.IsOnStep(spec.MinLots) ? $"{spec.Name}: minLots {spec.MinLots} is no multiple of lotStep {spec.LotStep}"
        : !spec.IsOnStep(spec.MaxLots) ? $"{spec.Name}: maxLots {spec.MaxLots} is no multiple of lotStep {spec.LotStep}"
        : null;

    // Below zero marks "the broker's commission holds".
    private static SimSymbol Renamed(SimSymbol symbol, string name) =>
        symbol with { Spec = symbol.Spec with { Name = new SymbolName(name) }, CommissionPerLot = -1m };
}
