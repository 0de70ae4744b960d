using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Hosting;
using Lockstep.Server.Streams;
using Lockstep.Server.WebSockets;

namespace Lockstep.Server.Rest.Faces;

/// <summary>What the faces need of the running product.</summary>
/// <param name="Desk">Accounts, prices and trades.</param>
/// <param name="Platforms">Sessions and history.</param>
/// <param name="Streams">What all groups tell, and what is to be quoted.</param>
/// <param name="Deals">The deals that were done last.</param>
/// <param name="Switch">Connects an account that was disconnected, and the other way round; says why not.</param>
/// <param name="Time">The clock of waits.</param>
internal sealed record FaceDesk(IDesk Desk, ITerminalDesk Platforms, IStreamDesk Streams, DealsOfLate Deals, Func<AccountConfig, bool, Task<Problem?>> Switch, TimeProvider Time)
{
    /// <summary>How long an answer may take: programs that know these faces give up after ten seconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>How long a price or a deal is waited for that should be there at once.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>What prices and candles are wanted for without anybody being connected.</summary>
    public Headless Headless { get; } = new();

    /// <summary>What all groups tell.</summary>
    public Feed Feed => Streams.Feed;

    /// <summary>The configuration in force.</summary>
    public LockstepConfig Config => Desk.Config;

    /// <summary>Accounts by name or UUID.</summary>
    public AccountDirectory Directory => Desk.Directory;

    /// <summary>The account when it can be traded, or what to answer in its place.</summary>
    public async Task<(AccountView? View, Problem? Problem)> ViewAsync(FaceCall call)
    {
        if (OrderEndpoints.Disabled(call.Account) is { } disabled)
        {
            return (null, disabled with { Advice = $"POST {call.Face.Prefix}/connect opens its session again." });
        }

        var view = await Desk.AccountAsync(call.Account.Id);
        return view is { Up: true, Synced: true } ? (view, null) : (null, FaceProblems.Away(call.Http, call.Account, Obstacle(call.Account)));
    }

    /// <summary>The account and the spec of the call's symbol, or what to answer in its place.</summary>
    public async Task<(AccountView? View, SymbolSpec? Spec, Problem? Problem)> SymbolAsync(FaceCall call)
    {
        var (view, problem) = await ViewAsync(call);
        return view is null ? (null, null, problem)
            : Symbols(call.Account, view).FirstOrDefault(s => s.Name == call.Symbol) is { } spec ? (view, spec, null)
            : (null, null, FaceProblems.NoSymbol(call.Account, call.Symbol, Symbols(call.Account, view)));
    }

    /// <summary>A quote that is not too old, or null when none came in time.</summary>
    public async Task<Quote?> QuoteAsync(FaceCall call, SymbolName symbol)
    {
        if (Desk.Quote(call.Account.Id, symbol) is { } quote)
        {
            return quote;
        }

        // Nobody may have asked for its quotes yet.
        Streams.Watch(call.Account.Id, symbol);
        try
        {
            await FeedWait.UntilAsync(Feed, call.Account.Id, () => Task.FromResult(Desk.Quote(call.Account.Id, symbol) is not null), Moment, Time, call.Aborted);
            return Desk.Quote(call.Account.Id, symbol);
        }
        finally
        {
            Streams.Unwatch(call.Account.Id, symbol);
        }
    }

    /// <summary>Waits until the account can be traded; false = it could not in time.</summary>
    public Task<bool> UpAsync(FaceCall call) =>
        FeedWait.UntilAsync(Feed, call.Account.Id, async () => await Desk.AccountAsync(call.Account.Id) is { Up: true, Synced: true }, Patience, Time, call.Aborted);

    /// <summary>Why an account has no session, as far as that is known; else empty.</summary>
    public string Obstacle(AccountConfig account) =>
        !account.Enabled ? "it was closed, or is disabled in the configuration"
        : account.CTrader is not null ? Platforms.CTrader?.Obstacle(account) ?? Platforms.CTrader?.Session(account.Id)?.Standing ?? ""
        : account.Terminal is not null ? "its terminal is away"
        : "";

    /// <summary>What the account's leverage is, where the platform says it.</summary>
    public static decimal? Leverage(AccountConfig account) => account.Broker?.Leverage;

    /// <summary>The symbols of an account.</summary>
    public static IEnumerable<SymbolSpec> Symbols(AccountConfig account, AccountView view) => view.Symbols.Count > 0 ? view.Symbols : account.Broker?.Symbols.Select(s => s.Spec) ?? [];
}
