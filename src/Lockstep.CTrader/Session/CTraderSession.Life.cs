using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Token, account authentication, and what is lost (guide §4).</content>
public sealed partial class CTraderSession
{
    /// <summary>An account that the server will not serve is tried again after this.</summary>
    private static readonly TimeSpan StandStill = TimeSpan.FromMinutes(10);

    /// <summary>After a 2147 with no other token in the store, the one there is is tried all the same after this.</summary>
    private static readonly TimeSpan TokenPatience = TimeSpan.FromSeconds(30);

    /// <summary>A connection that others use is dropped for one account's silence no oftener.</summary>
    private static readonly TimeSpan DropEach = TimeSpan.FromMinutes(10);

    private bool _up;
    private bool _authorised;
    private bool _authorising;
    private bool _waitsForToken;
    private string _stillTold = "";
    private bool _wasAuthorised;
    private int _round;
    private int _failures;
    private long _again = Never;
    private long _homeAt = Never;
    private long _tokenVersion = -1;
    private long _refusedVersion = -1;

    void IOpenApiSeat.LineUp()
    {
        if (_stopped)
        {
            return;
        }

        _up = true;
        _failures = 0;
        Authorise();
    }

    void IOpenApiSeat.LineDown(string why)
    {
        if (_stopped)
        {
            return;
        }

        _up = false;
        Forget();
        Standing = "not connected: " + Sentence(why);
        CloseSession("the connection to cTrader is lost: " + Sentence(why));
        TellHealth();
    }

    void IOpenApiSeat.TokenChanged(GrantId grant)
    {
        if (grant == Settings.Grant && _up && !_stopped && !_authorised && !_authorising)
        {
            Authorise();
        }
    }

    /// <summary>Nothing of what was said on the line holds any more.</summary>
    private void Forget()
    {
        _round++;
        _again = Never;
        _connection?.Withdraw(this);
        (_authorised, _authorising, _waitsForToken) = (false, false, false);
        ForgetMarket();
    }

    private void Authorise()
    {
        Forget();
        if (!_up)
        {
            return;
        }

        if (Hub.Tokens.Current(Settings.Grant) is not { } token)
        {
            WaitForToken("waiting for a token", "there is no token for it: the trader must authorise the account");
            return;
        }

        if (token.Version == _refusedVersion)
        {
            WaitForToken("waiting for a token: the last one was refused", null);
            return;
        }

        Standing = "authorising";
        _authorising = true;
        _tokenVersion = token.Version;
        Submit(Lane.Control, new ProtoOAAccountAuthReq { CtidTraderAccountId = Ctid, AccessToken = token.Secret }, end => Authorised(end, token.Secret));
    }

    private void WaitForToken(string standing, string? alert)
    {
        bool first = Standing != standing;
        (Standing, _waitsForToken) = (standing, true);
        if (first && alert is not null)
        {
            Log(CTraderLogLevel.Alert, alert);
        }

        TellHealth();
    }

    private void Authorised(OpenApiEnd end, string secret)
    {
        _authorising = false;
        if (end.Kind == OpenApiEndKind.Answered || end.Error is { Code: "ALREADY_LOGGED_IN" })
        {
            (_authorised, _wasAuthorised, _failures) = (true, true, 0);
            (_homeAt, _stillTold) = (Never, "");
            Load();
            return;
        }

        switch (end.Kind)
        {
            case OpenApiEndKind.Failed:
                NotAuthorised(end, secret);
                break;
            case OpenApiEndKind.TimedOut:
                Pause("authorising: no answer");
                Mute("account authentication was not answered");
                break;
            default:
                // The line is down, or it will be said so.
                Pause("authorising: " + Why(end));
                break;
        }
    }

    private void NotAuthorised(in OpenApiEnd end, string secret)
    {
        var error = ErrorOf(end.Error);

        // A server may repeat the token that it refuses.
        string why = CTraderHub.Clean(Why(end), secret);
        switch (error)
        {
            case { Code: "OA_AUTH_TOKEN_EXPIRED" or "CH_ACCESS_TOKEN_INVALID" }:
                _refusedVersion = _tokenVersion;
                _effects.Enqueue(new Effect(EffectKind.TokenRefused, error.Code, Settings.Grant, _tokenVersion));
                if (Hub.Tokens.Current(Settings.Grant) is { } newer && newer.Version != _tokenVersion)
                {
                    // It was replaced while this one was on its way, and that will not be told again.
                    Authorise();
                    break;
                }

                WaitForToken("waiting for a token: " + error.Code, $"its token was refused ({error.Code}): nothing is traded until there is another one; its positions stay as they are");
                break;
            case { Code: "CANT_ROUTE_REQUEST" } when !_wasAuthorised:
                WrongHost(why);
                break;
            case { Class: CTraderErrorClass.FatalAccount }:
                Still(why);
                break;
            case { Class: CTraderErrorClass.Rate }:
                Pause("authorising: " + why, end.Error!.RetryAfter);
                break;
            default:
                Pause("authorising: " + why);
                Log(CTraderLogLevel.Warning, "account authentication failed: " + why);
                break;
        }
    }

    /// <summary>The account lives in the other environment, or so it seems: that one is tried, once (guide §2).</summary>
    private void WrongHost(string why)
    {
        if (_environment != Settings.Environment)
        {
            Still($"neither environment knows the account ({why})");
            return;
        }

        // A broker in maintenance is told by the same code (guide §5): the account's own environment is asked again later, whatever the other one says, or if it says nothing.
        var other = _environment == OpenApiEnvironment.Live ? OpenApiEnvironment.Demo : OpenApiEnvironment.Live;
        Log(CTraderLogLevel.Warning, $"the {_environment} environment cannot route to the account: {other} is tried");
        _homeAt = Hub.Mono + (long)StandStill.TotalMilliseconds;
        Move(other);
    }

    private void Move(OpenApiEnvironment environment)
    {
        _up = false;
        Forget();
        _connection!.Leave(this);
        _environment = environment;
        _connection = Hub.Connection(environment);
        _connection.Sit(this);
    }

    private void Still(string why)
    {
        bool first = _stillTold != why;
        _stillTold = why;
        Standing = "refused: " + why;
        _again = Hub.Mono + (long)StandStill.TotalMilliseconds;
        if (first)
        {
            Log(CTraderLogLevel.Alert, $"the account is not served: {why}. It is tried again each {StandStill.TotalMinutes:0} minutes");
        }

        TellHealth();
    }

    /// <summary>Tries again after a pause that doubles: 5 s to a minute.</summary>
    private void Pause(string standing, TimeSpan? atLeast = null)
    {
        Standing = standing;
        var pause = TimeSpan.FromSeconds(Math.Min(60, 5 << Math.Min(_failures++, 4)));
        _again = Hub.Mono + (long)(atLeast > pause ? atLeast.Value : pause).TotalMilliseconds;
        TellHealth();
    }

    /// <summary>A socket that says nothing after a lost session is of no use (guide §4); the others on it are spared where one account alone is mute.</summary>
    private void Mute(string why)
    {
        if (_connection!.DroppedAt is not { } at || Hub.Mono - at >= (long)DropEach.TotalMilliseconds)
        {
            _connection.Drop(why);
        }
    }

    private void TickLife(long now)
    {
        if (now >= _homeAt)
        {
            _homeAt = Never;
            if (!_wasAuthorised && _environment != Settings.Environment)
            {
                Move(Settings.Environment);
                return;
            }
        }

        if (now < _again || !_up)
        {
            return;
        }

        _again = Never;
        if (_authorised)
        {
            Load();
        }
        else
        {
            Authorise();
        }
    }

    /// <summary>2147: another token is in force, or none. Never a reason to refresh: a refresh is what causes it (guide §4).</summary>
    private void TokenInvalidated(string reason)
    {
        if (!_authorised)
        {
            return;
        }

        CloseSession("the account's token is no longer in force: " + Sentence(reason));
        Forget();
        if (Hub.Tokens.Current(Settings.Grant) is { } token && token.Version != _tokenVersion)
        {
            Authorise();
            return;
        }

        // The store has no newer one yet. A refresh of our own looks so for a moment, and is no alarm; where somebody else refreshed, or the trader took it back, the next try is refused and says so.
        WaitForToken("waiting for a token: the last one was declared invalid", null);
        _again = Hub.Mono + (long)TokenPatience.TotalMilliseconds;
    }

    /// <summary>2164: the account's session ended; the token may be as good as before.</summary>
    private void Disconnected()
    {
        // After a 2147 it only says the same once more.
        if (_authorised)
        {
            SessionLost("the account's session was ended by the server");
        }
    }

    /// <summary>The server no longer knows the account on this line.</summary>
    private void SessionLost(string why)
    {
        if (_authorised)
        {
            CloseSession(why);
            Authorise();
        }
    }

    private void OpenSession()
    {
        Epoch++;
        _open = true;
        _opened++;
        _sequence = 0;
        _differs = false;
        _failures = 0;
        Standing = "live";
        Log(CTraderLogLevel.Info, $"session open: epoch {Epoch}, {_catalogue.Symbols.Count} symbols, {_book.Positions.Count} positions");
        Report(new SessionOpened
        {
            Account = Account,
            Epoch = Epoch,
            Symbols = _catalogue.Specs(),
            Capabilities = new AccountCapabilities
            {
                Platform = PlatformKind.CTrader,
                Mode = _trader!.AccountType == ProtoOAAccountType.Netted ? AccountMode.Netting : AccountMode.Hedging,
                AbsenceHorizon = Settings.AbsenceHorizon ?? TimeSpan.FromSeconds(10),
                AnswerTimeout = AnswerTimeout,

                // What is called STOP_LIMIT here has its limit price beyond the stop.
                StopRangeOrders = true,
                PendingExpiry = true,
                StopsWithOpen = true,
                ClosingDealsTagged = false,
                CloseBy = false,
                Currency = Currency,
            },
        });
        foreach (var symbol in _catalogue.Symbols.Values)
        {
            TellQuote(symbol);
        }

        long now = Hub.Mono;
        (_beatAt, _healthAt) = (now + 5_000, now + 5_000);
        _reconcileAt = now + (long)Options.ReconcileEach.TotalMilliseconds;
        (_fundsDirty, _fundsAt) = (true, now);
        if (_changedSymbols.Count > 0)
        {
            ReadSymbols([]);
        }

        TellHealth();
    }

    private void CloseSession(string reason)
    {
        if (!_open)
        {
            return;
        }

        FailAsks(reason);
        FailFetches(reason);
        EndUnprotected("the session ended before its protection order was told");
        _open = false;
        Report(new SessionClosed { Account = Account, Epoch = Epoch, Reason = reason });
        TellHealth();
    }
}
