using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>The line itself: dialling, application authentication, beats, silence, loss and the pause after it.</content>
internal sealed partial class OpenApiConnection
{
    private static readonly ProtoHeartbeatEvent Beat = new();
    private OpenApiLineState _state = OpenApiLineState.Idle;
    private Timestamp _since;
    private IOpenApiWire? _wire;
    private End? _end;
    private string? _problem;
    private string? _alerted;
    private bool _isRefused;
    private int _attempts;
    private int _crowded;
    private bool _wasReady;
    private int _dials;
    private long _dialAt;
    private long _dialledAt;
    private long _readyAt;
    private long _beatAt;

    /// <summary>How it stands, for people.</summary>
    public OpenApiLine Line => new(Environment, _state, _since, Reconnects, RoundTrip, _places.Count, _problem);

    private bool IsWanted => _places.Count > 0 || _listings.Count > 0;

    /// <summary>TLS is up.</summary>
    private void Connected(End end)
    {
        if (end != _end || _state != OpenApiLineState.Dialling)
        {
            return;
        }

        long now = Hub.Mono;
        Hub.Counters.Add(CTraderCount.Connections);
        HeardAt = now;
        State(OpenApiLineState.Authenticating);
        // Nothing but this is accepted before it (guide §4); the first heartbeat follows at once, not after the first interval (§5).
        SendNow(
            new OpenApiRequest
            {
                Seat = null,
                Lane = Lane.Control,
                Body = new ProtoOAApplicationAuthReq { ClientId = Hub.Application.ClientId, ClientSecret = Hub.Application.ClientSecret },
                Done = AuthEnded,
            },
            now);
        SendBeat(now);
    }

    private void Closed(End end, string why)
    {
        if (end == _end)
        {
            Lose(why, Hub.Mono);
        }
    }

    private void AuthEnded(OpenApiEnd end)
    {
        if (_state != OpenApiLineState.Authenticating)
        {
            return;
        }

        switch (end.Kind)
        {
            case OpenApiEndKind.Answered:
            case OpenApiEndKind.Failed when end.Error!.Code == OpenApiErrors.AlreadyAuthenticated:
                Ready(Hub.Mono);
                break;
            case OpenApiEndKind.Failed:
                AuthRefused(end.Error!, Hub.Mono);
                break;
            case OpenApiEndKind.TimedOut:
                Lose("the server did not answer the application's authentication", Hub.Mono);
                break;
            default:
                break;
        }
    }

    private void Ready(long now)
    {
        Reconnects += _wasReady ? 1 : 0;
        (_wasReady, _readyAt, _crowded, _alerted, _problem) = (true, now, 0, null, null);
        State(OpenApiLineState.Ready);
        Hub.Say(CTraderLogLevel.Info, null, $"{Name}: connected, the application is authenticated");
        SubmitListings(now);
        Welcome(now);
    }

    /// <summary>The server refuses the application, or all of us for now. Each has a pause of its own: asking faster makes none of them better.</summary>
    private void AuthRefused(OpenApiError error, long now)
    {
        if (OpenApiErrors.IsFatalForApplication(error))
        {
            string what = Advice(error);
            long wait = Ms(Hub.Options.RefusedPause);
            Lose(what, now, wait + Hub.Dice.Below(wait / 10), refused: true);
        }
        else if (error.Code == OpenApiErrors.Maintenance)
        {
            Lose("the server is under maintenance", now, MaintenanceWait(error));
        }
        else if (error.Code is OpenApiErrors.ConnectionsLimit or OpenApiErrors.FrequencyExceeded)
        {
            long wait = Ms(Hub.Options.CrowdedPause) * Math.Min(1 << Math.Min(_crowded++, 2), 3);
            Lose($"the server says that there are too many {(error.Code == OpenApiErrors.ConnectionsLimit ? "connections" : "requests")} of this application", now, wait + Hub.Dice.Below(wait / 10));
        }
        else
        {
            Lose($"the application's authentication failed: {Told(error)}", now, error.RetryAfter is { } after ? Ms(after) + Hub.Dice.Below(1000) : 0);
        }
    }

    /// <summary>
    /// The connection is over: first all its requests end, then the seats hear why; it comes back after a pause, at least <paramref name="pause"/> (ms).
    /// </summary>
    private void Lose(string why, long now, long pause = 0, bool refused = false)
    {
        if (_state == OpenApiLineState.Ready && now - _readyAt >= Ms(Hub.Options.StableAfter))
        {
            _attempts = 0;
        }

        Hang();
        Hub.Counters.Add(CTraderCount.Losses);
        EndAll(null, why);
        long wait = Math.Max(pause, Backoff());
        _dialAt = now + wait;
        _problem = why;
        _isRefused = refused;
        State(OpenApiLineState.Waiting);
        string line = $"{Name}: {why}; the next attempt is in {Seconds(wait)}";
        if (refused && _alerted != why)
        {
            _alerted = why;
            Hub.Say(CTraderLogLevel.Alert, null, line);
        }
        else
        {
            Hub.Say(refused ? CTraderLogLevel.Info : CTraderLogLevel.Warning, null, line);
        }

        foreach (var place in _places)
        {
            (place.IsUp, place.PausedUntil) = (false, 0);
            Hub.CallDown(place, why);
        }

        if (refused)
        {
            EndListings(why);
        }

        Unwant(now);
    }

    /// <summary>Half of the pause is certain, half is chance: many clients that lost the same server do not come back at the same moment.</summary>
    private long Backoff()
    {
        double most = Ms(Hub.Options.BackoffMost);
        long whole = (long)Math.Min(most, Ms(Hub.Options.BackoffFirst) * Math.Pow(2, Math.Min(_attempts, 30)));
        _attempts++;
        return (whole / 2) + Hub.Dice.Below((whole / 2) + 1);
    }

    private long MaintenanceWait(OpenApiError error)
    {
        long most = Ms(Hub.Options.MaintenanceMost);
        long left = error.MaintenanceEnd is { } end ? (long)(end - Hub.Now).TotalMilliseconds : 0;
        // An end that is over, or none at all: the longest ordinary pause.
        long wait = left > 0 ? Math.Min(left, most) : Ms(Hub.Options.BackoffMost);
        return wait + Hub.Dice.Below(Math.Min(30_000, (wait / 10) + 1));
    }

    /// <summary>Somebody needs the connection: dials, now or when the pause is over.</summary>
    private void Want(long now)
    {
        if (_state == OpenApiLineState.Idle)
        {
            State(OpenApiLineState.Waiting);
        }

        if (_state == OpenApiLineState.Waiting && now >= _dialAt)
        {
            Dial(now);
        }
    }

    /// <summary>The last one left: closes. Whoever comes next does not get around a pause.</summary>
    private void Unwant(long now)
    {
        if (IsWanted || _state == OpenApiLineState.Idle)
        {
            return;
        }

        if (_wire is not null)
        {
            Hang();
            EndAll(null, "nobody needs the connection");
            _dialAt = Math.Max(_dialAt, _dialledAt + Ms(Hub.Options.BackoffFirst));
            _problem = null;
            Hub.Say(CTraderLogLevel.Info, null, $"{Name}: closed, no account needs it");
        }

        State(OpenApiLineState.Idle);
    }

    private void Dial(long now)
    {
        _dials++;
        _dialledAt = now;
        State(OpenApiLineState.Dialling);
        var end = new End(this);
        _end = end;
        try
        {
            _wire = Hub.Dialer.Dial(Environment, end);
        }
        catch (Exception error)
        {
            Lose($"no connection could be begun: {error.Message}", now);
        }
    }

    private void Hang()
    {
        var wire = _wire;
        (_wire, _end) = (null, null);
        try
        {
            wire?.Close();
        }
        catch (Exception error)
        {
            Hub.Say(CTraderLogLevel.Warning, null, $"{Name}: closing failed: {error.Message}");
        }
    }

    private void TickLine(long now)
    {
        var options = Hub.Options;
        if (_wire is not null && HasSlept(now))
        {
            Lose($"this process slept for {Seconds(now - Hub.TickedAt)}", now);
        }

        switch (_state)
        {
            case OpenApiLineState.Waiting when now >= _dialAt:
                Dial(now);
                break;
            case OpenApiLineState.Dialling when now - _dialledAt >= Ms(options.ConnectWithin):
                Lose($"no connection within {Seconds(Ms(options.ConnectWithin))}", now);
                break;
            case OpenApiLineState.Authenticating or OpenApiLineState.Ready:
                if (now - HeardAt >= Ms(options.Watchdog))
                {
                    Lose($"nothing was heard for {Seconds(now - HeardAt)}", now);
                    break;
                }

                if (now - _beatAt >= Ms(options.Heartbeat))
                {
                    SendBeat(now);
                }

                break;
            default:
                break;
        }
    }

    /// <summary>The clock jumped: whatever stood before is not to be trusted (guide §12).</summary>
    private bool HasSlept(long now) => now - Hub.TickedAt > Ms(Hub.Options.Watchdog);

    private void SendBeat(long now)
    {
        if (_wire is not null)
        {
            _beatAt = now;
            if (!Write(Beat, null))
            {
                Lose("the connection takes nothing any more", now);
            }
        }
    }

    private void State(OpenApiLineState state)
    {
        if (_state != state)
        {
            (_state, _since) = (state, Hub.Now);
        }
    }

    private static string Advice(OpenApiError error) => error.Code switch
    {
        OpenApiErrors.ClientAuthFailure => $"the server refuses the application ({Told(error)}): check client id and secret, and that the application is approved and active at openapi.ctrader.com",
        OpenApiErrors.ClientNotFound => $"the server does not know the application ({Told(error)}): check the client id at openapi.ctrader.com",
        _ => $"the server does not take what this version sends ({Told(error)}): check host and port, and look for a newer version",
    };

    private static string Told(OpenApiError error) => error.Text.Length > 0 ? $"{error.Code}: {error.Text}" : error.Code;

    private static long Ms(TimeSpan span) => (long)span.TotalMilliseconds;

    private static string Seconds(long ms) => ms < 120_000
        ? string.Create(CultureInfo.InvariantCulture, $"{ms / 1000.0:0.#} s")
        : string.Create(CultureInfo.InvariantCulture, $"{ms / 60_000.0:0.#} min");
}

/// <summary>How a connection stands.</summary>
public enum OpenApiLineState
{
    /// <summary>No account needs it.</summary>
    Idle,

    /// <summary>A pause before the next attempt.</summary>
    Waiting,

    /// <summary>TCP and TLS.</summary>
    Dialling,

    /// <summary>TLS is up; the application authenticates.</summary>
    Authenticating,

    /// <summary>Accounts may authenticate and trade.</summary>
    Ready,
}

/// <summary>A connection, for people.</summary>
/// <param name="Environment">Where it goes.</param>
/// <param name="State">How it stands.</param>
/// <param name="Since">Since when.</param>
/// <param name="Reconnects">How often it was lost and came back.</param>
/// <param name="RoundTrip">The last round trip of a request; null before the first.</param>
/// <param name="Accounts">Accounts that use it.</param>
/// <param name="Problem">Why it is not ready; null when it is, or never failed.</param>
public sealed record OpenApiLine(OpenApiEnvironment Environment, OpenApiLineState State, Timestamp Since, int Reconnects, TimeSpan? RoundTrip, int Accounts, string? Problem);
