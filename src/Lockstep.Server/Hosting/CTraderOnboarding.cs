using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Security;

namespace Lockstep.Server.Hosting;

/// <summary>An account was authorised.</summary>
/// <param name="Account">The account.</param>
/// <param name="Place">What it stands for now.</param>
/// <param name="Note">What a person should know; empty = nothing.</param>
internal sealed record Onboarded(AccountId Account, CTraderPlace Place, string Note);

/// <summary>
/// Brings an account on: the address to open, the code that comes back, the choice of the trading account. An account that was authorised before keeps its grant's name with new tokens, so that sessions
/// go on as after a refresh.
/// </summary>
internal sealed class CTraderOnboarding(CTraderAccounts accounts, Func<LockstepConfig> config, OAuthStates states, bool stateMayBeMissing)
{
    /// <summary>The address for the trader, and until when it can be used.</summary>
    public (Uri Url, Timestamp ExpiresAt) Begin(AccountId account, OAuthScope scope, string asker)
    {
        var issued = states.Issue(account, asker);
        return (accounts.Settings.Authorize(scope, issued.Text), issued.ExpiresAt);
    }

    /// <summary>The trader's browser came back. What it brings is a stranger's word until its state was found good.</summary>
    public async Task<(Onboarded? Done, Problem? Problem)> CallbackAsync(string? code, string? state, string? error, string asker, CancellationToken cancel)
    {
        var verdict = states.Take(state, asker);
        var account = verdict.Account;
        if (verdict.Refusal == StateRefusal.Missing && stateMayBeMissing)
        {
            account = states.TakeOnly(asker);
        }

        if (account is not { } known)
        {
            return (null, verdict.Refusal == StateRefusal.Missing
                ? Problem.Of(400, "state-missing", "The authorisation cannot be matched.", verdict.Text,
                    "Within a minute, send the code that stands in this page's address to POST /ctrader/oauth/code with the account's name and your API key; or start the authorisation again.")
                : Problem.Of(400, Kind(verdict.Refusal), "The authorisation was refused.", verdict.Text, "Start it with POST /ctrader/onboard."));
        }

        return !string.IsNullOrEmpty(error)
            ? (null, Problem.Of(400, "not-granted", "Access was not granted.", $"The answer was '{Short(error)}'.", "Start the authorisation again, and grant access."))
            : await FinishAsync(known, code, cancel);
    }

    /// <summary>Somebody with the key brings the code by hand, as the state was lost. Only while the account's authorisation is open.</summary>
    public async Task<(Onboarded? Done, Problem? Problem)> CodeAsync(AccountId account, string code, string asker, CancellationToken cancel) =>
        states.Close(account, asker)
            ? await FinishAsync(account, code, cancel)
            : (null, Problem.Of(409, "not-open", "No authorisation is open for the account.", $"None was asked for within the last minutes for '{account}', or it was completed.", "Start it with POST /ctrader/onboard."));

    /// <summary>The trading accounts that an account's authorisation covers.</summary>
    public async Task<(CtidAccounts? List, Problem? Problem)> ListAsync(AccountId account, CancellationToken cancel)
    {
        if (accounts.Place(account) is not { } place)
        {
            return (null, NotAuthorised(account));
        }

        if (accounts.Keeper.Current(place.Grant) is not { } token)
        {
            return (null, Problem.Of(409, "not-authorised", "The account's authorisation is of no use.", accounts.Keeper.Find(place.Grant)?.Problem ?? "Its tokens are gone.", "Authorise again with POST /ctrader/onboard."));
        }

        var list = await accounts.ListAsync(token.Secret, EnvironmentOf(account), cancel);
        return list.Problem is { } problem
            ? (null, Problem.Of(504, "no-answer", "The Open API did not say which accounts there are.", problem, "Ask again; nothing was changed."))
            : (list, null);
    }

    /// <summary>Chooses the trading account. <paramref name="grantOf"/>: the authorisation of another account of the same user, where this one has none of its own.</summary>
    public async Task<(Onboarded? Done, Problem? Problem)> CompleteAsync(AccountId account, long ctid, AccountId? grantOf, CancellationToken cancel)
    {
        var (list, problem) = await ListAsync(grantOf ?? account, cancel);
        if (list is null)
        {
            return (null, problem);
        }

        if (list.Accounts.FirstOrDefault(a => a.CtidTraderAccountId == ctid) is not { } chosen)
        {
            return (null, NotCovered(ctid, list));
        }

        if (Unfit(account, chosen) is { } unfit)
        {
            return (null, unfit);
        }

        var place = new CTraderPlace(account, accounts.Place(grantOf ?? account)!.Grant, ctid, chosen.IsLive, Closed: false) { Login = chosen.Login, Broker = chosen.Broker };
        await accounts.PutAsync(place);
        return (new Onboarded(account, place, Note(list)), null);
    }

    private async Task<(Onboarded? Done, Problem? Problem)> FinishAsync(AccountId account, string? code, CancellationToken cancel)
    {
        if (string.IsNullOrEmpty(code) || code.Length > 2_000)
        {
            return (null, Problem.Of(400, "code-missing", "There is no authorisation code.", "The answer brought no code.", "Start the authorisation again with POST /ctrader/onboard."));
        }

        // From here on a browser that goes away ends nothing: the code is used up with the first question.
        switch (await accounts.Endpoint.ExchangeAsync(code, CancellationToken.None))
        {
            case TokenGranted granted:
                var (done, problem) = await TakeAsync(account, granted.Pair);
                cancel.ThrowIfCancellationRequested();
                return (done, problem);
            case TokenRefused { Application: true } refused:
                return (null, Problem.Of(502, "application-refused", "The platform refuses this server's registration.", $"{refused.Code}: {refused.Text}", "Check ctrader.clientId and ctrader.clientSecret, and that the application is approved."));
            case TokenRefused refused:
                return (null, Problem.Of(400, "code-refused", "The platform refused the authorisation code.", $"{refused.Code}: {refused.Text} (a code lives one minute and counts once)", "Start the authorisation again with POST /ctrader/onboard."));
            case TokenUnavailable none:
                return (null, Problem.Of(504, "no-answer", "The platform's token endpoint could not be asked.", none.Why, "Start the authorisation again with POST /ctrader/onboard in a while."));
            default:
                throw new InvalidOperationException("no such reply");
        }
    }

    private async Task<(Onboarded? Done, Problem? Problem)> TakeAsync(AccountId account, TokenPair pair)
    {
        var list = await accounts.ListAsync(pair.Access, EnvironmentOf(account), CancellationToken.None);
        bool listed = list.Problem is null;
        var before = accounts.Place(account);
        long? wanted = config().Account(account)!.CTrader!.Ctid ?? before?.Ctid;
        var chosen = list.Accounts.FirstOrDefault(a => a.CtidTraderAccountId == wanted);
        if (listed && wanted is { } ctid && chosen is null)
        {
            return (null, NotCovered(ctid, list));
        }

        if (chosen is not null && Unfit(account, chosen) is { } unfit)
        {
            return (null, unfit);
        }

        // The same user as before: new tokens under the old name, and everybody who shares it goes on.
        var sharing = before is null ? [] : accounts.Places.Where(p => p.Grant == before.Grant && p.Ctid is not null).Select(p => p.Ctid!.Value).ToList();
        var grant = before is not null && listed && sharing.Count > 0 && sharing.TrueForAll(c => list.Accounts.Any(a => a.CtidTraderAccountId == c))
            ? before.Grant
            : default;
        if (grant.Value is null)
        {
            grant = await accounts.Keeper.AddAsync(pair);
        }
        else
        {
            await accounts.Keeper.ReplaceAsync(grant, pair);
        }

        // Where the list could not be had, the platform itself says at the account's authentication whether it is covered.
        var place = new CTraderPlace(account, grant, listed ? chosen?.CtidTraderAccountId : wanted, chosen?.IsLive ?? before?.IsLive ?? EnvironmentOf(account) == OpenApiEnvironment.Live, Closed: false)
        {
            Login = chosen?.Login ?? before?.Login,
            Broker = chosen?.Broker ?? before?.Broker,
        };
        await accounts.PutAsync(place);
        return (new Onboarded(account, place, listed ? Note(list) : $"The list of trading accounts could not be had: {list.Problem}"), null);
    }

    private OpenApiEnvironment EnvironmentOf(AccountId account) =>
        config().Account(account)?.CTrader?.Environment ?? (accounts.Place(account) is { IsLive: true } ? OpenApiEnvironment.Live : OpenApiEnvironment.Demo);

    private Problem? Unfit(AccountId account, CtidAccount chosen)
    {
        var own = config().Account(account)!.CTrader!;
        bool live = chosen.IsLive;
        return own.Ctid is { } wanted && wanted != chosen.CtidTraderAccountId
                ? Problem.Of(409, "other-account", "The configuration names another trading account.", $"Account '{account}' has ctidTraderAccountId {wanted}.", "Choose that one, or change the configuration.")
            : own.Environment is { } environment && live != (environment == OpenApiEnvironment.Live)
                ? Problem.Of(409, "other-environment", "The trading account lives elsewhere.", $"It is a {(live ? "live" : "demo")} account, and the configuration of '{account}' says {(live ? "demo" : "live")}.", "Choose another one, or change the configuration.")
            : accounts.Places.FirstOrDefault(p => p.Account != account && p.Ctid == chosen.CtidTraderAccountId && config().Account(p.Account)?.CTrader is not null) is { } taken
                ? Problem.Of(409, "taken", "The trading account has a name already.", $"It is account '{taken.Account}'.", $"Use that one, or remove it with DELETE /ctrader/instance/{taken.Account}.")
            : null;
    }

    private static Problem NotAuthorised(AccountId account) =>
        Problem.Of(409, "not-authorised", "The account was not authorised yet.", $"Nobody has granted access for '{account}'.", "Start with POST /ctrader/onboard.");

    private static Problem NotCovered(long ctid, CtidAccounts list) => Problem.Of(
        403, "not-covered", "The authorisation does not cover this trading account.",
        $"Trading account {ctid} is not among those that were granted ({(list.Accounts.Count == 0 ? "none" : string.Join(", ", list.Accounts.Select(a => a.CtidTraderAccountId)))}): it belongs to another user, or was left out when access was granted.",
        "Sign in as the account's owner and authorise again, or choose one that is covered.");

    private static string Note(CtidAccounts list) => list.ViewOnly ? "Access was granted for looking only: orders will be refused. Authorise again with scope trading to trade." : "";

    private static string Short(string text) => new([.. text.Take(100).Select(c => char.IsControl(c) ? ' ' : c)]);

    private static string Kind(StateRefusal refusal) => refusal switch
    {
        StateRefusal.Expired => "state-expired",
        StateRefusal.Used => "state-used",
        StateRefusal.NotOpen => "state-not-open",
        StateRefusal.OtherAccount or StateRefusal.OtherAsker => "state-of-another",
        _ => "state-tampered",
    };
}
