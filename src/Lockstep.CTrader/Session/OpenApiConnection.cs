using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Session;

/// <summary>
/// The one connection to an environment, shared by all its accounts (guide §4, §5, §6): connects, authenticates the application, beats, watches, paces, knows who waits for what, and comes
/// back after a loss. Everything happens under the hub's lock.
/// </summary>
internal sealed partial class OpenApiConnection
{
    private readonly List<OpenApiPlace> _places = [];
    private readonly Dictionary<long, OpenApiPlace> _byCtid = [];
    private readonly Allowance _lineUps;

    /// <summary>Not connected: it connects when the first seat is taken.</summary>
    public OpenApiConnection(CTraderHub hub, OpenApiEnvironment environment)
    {
        (Hub, Environment) = (hub, environment);
        _lineUps = new Allowance(hub.Options.LineUpsPerSecond);
        _general = new Allowance(hub.Options.RequestsPerSecond);
        _history = new Allowance(hub.Options.HistoryPerSecond);
        _since = hub.Now;
    }

    /// <summary>Its hub.</summary>
    public CTraderHub Hub { get; }

    /// <summary>Where it goes.</summary>
    public OpenApiEnvironment Environment { get; }

    /// <summary>The application is authenticated: accounts may.</summary>
    public bool IsReady => _state == OpenApiLineState.Ready;

    /// <summary>How often it was lost and came back.</summary>
    public int Reconnects { get; private set; }

    /// <summary>The last round trip of a request, null before the first.</summary>
    public TimeSpan? RoundTrip { get; private set; }

    /// <summary>When a seat last had it dropped, <see cref="CTraderHub.Mono"/>; null = none did.</summary>
    public long? DroppedAt { get; private set; }

    /// <summary>When something was last heard, <see cref="CTraderHub.Mono"/>.</summary>
    public long HeardAt { get; private set; }

    private string Name => Environment == OpenApiEnvironment.Demo ? "demo" : "live";

    /// <summary>
    /// Takes a seat. <see cref="IOpenApiSeat.LineUp"/> follows: inside this call when the connection is ready and few others came at the same time. One seat an account.
    /// </summary>
    public void Sit(IOpenApiSeat seat)
    {
        if (_byCtid.ContainsKey(seat.Ctid))
        {
            throw new InvalidOperationException($"Trading account {seat.Ctid} has a seat at the {Name} connection.");
        }

        Hub.Begin();
        try
        {
            var place = new OpenApiPlace(seat);
            _places.Add(place);
            _byCtid.Add(seat.Ctid, place);
            long now = Hub.Mono;
            if (IsReady)
            {
                Welcome(now);
            }
            else
            {
                if (_problem is not null && _state is OpenApiLineState.Idle or OpenApiLineState.Waiting && _dialAt > now)
                {
                    Hub.CallDown(place, _problem);
                }

                Want(now);
            }
        }
        finally
        {
            Hub.End();
        }
    }

    /// <summary>
    /// Leaves: requests of the seat end as lost (those that left) or not sent, and nothing else reaches it. Inside a callback, those ends are told when it has returned.
    /// </summary>
    public void Leave(IOpenApiSeat seat)
    {
        if (!_byCtid.TryGetValue(seat.Ctid, out var place) || place.Seat != seat)
        {
            return;
        }

        Hub.Begin();
        try
        {
            place.IsGone = true;
            _places.Remove(place);
            _byCtid.Remove(seat.Ctid);
            EndAll(seat, "the account has left");
            Unwant(Hub.Mono);
        }
        finally
        {
            Hub.End();
        }
    }

    /// <summary>
    /// The server no longer knows the account on this line: what still waits for its turn is certainly not sent, and what is under way is not sent again. Nothing leaves for an account that
    /// is not authenticated (guide §4).
    /// </summary>
    public void Withdraw(IOpenApiSeat seat)
    {
        Hub.Begin();
        try
        {
            foreach (var request in _pending.Values)
            {
                request.IsWithdrawn |= request.Seat == seat;
            }

            foreach (var lane in _lanes)
            {
                foreach (var request in lane.Where(r => r.Seat == seat).ToArray())
                {
                    lane.Remove(request);
                    Finish(request, OpenApiEndKind.NotSent, "the account's session ended before its turn came");
                }
            }
        }
        finally
        {
            Hub.End();
        }
    }

    /// <summary>Takes a request; it leaves when its lane's turn and allowance come, most often inside this call.</summary>
    public void Submit(OpenApiRequest request)
    {
        Hub.Begin();
        try
        {
            Take(request, Hub.Mono);
        }
        finally
        {
            Hub.End();
        }
    }

    /// <summary>The connection is of no use any more (mute after a lost session): drops it and comes again.</summary>
    public void Drop(string why)
    {
        if (_wire is null)
        {
            return;
        }

        Hub.Begin();
        try
        {
            DroppedAt = Hub.Mono;
            Lose(why, Hub.Mono);
        }
        finally
        {
            Hub.End();
        }
    }

    /// <summary>A grant has another token, or none.</summary>
    public void TokenChanged(GrantId grant)
    {
        foreach (var place in _places)
        {
            Hub.CallToken(place, grant);
        }
    }

    /// <summary>The clock was looked at.</summary>
    public void Tick(long now)
    {
        TickLine(now);
        TickRequests(now);
        TickListings(now);
        if (IsReady)
        {
            Welcome(now);
            Pump(now);
        }

        foreach (var place in _places)
        {
            Hub.CallTick(place, now);
        }
    }

    /// <summary>Tells those who wait for it that the connection is ready, not too many at a time: each begins with requests that are not paced.</summary>
    private void Welcome(long now)
    {
        foreach (var place in _places)
        {
            if (place.IsUp || place.PausedUntil > now)
            {
                continue;
            }

            if (_lineUps.Left(now) <= 0)
            {
                return;
            }

            _lineUps.Take(now);
            (place.IsUp, place.PausedUntil) = (true, 0);
            Hub.CallUp(place);
        }
    }

    /// <summary>The broker's server of one account is in maintenance: only that account waits, the others go on.</summary>
    private void Pause(OpenApiPlace place, OpenApiError error, long now)
    {
        if (place.PausedUntil > now)
        {
            return;
        }

        long wait = MaintenanceWait(error);
        string why = $"the broker's server is under maintenance; the next attempt is in {Seconds(wait)}";
        (place.IsUp, place.PausedUntil) = (false, now + wait);
        EndAll(place.Seat, why);
        Hub.CallDown(place, why);
    }

    private OpenApiPlace? PlaceOf(IOpenApiSeat? seat) => seat is not null && _byCtid.TryGetValue(seat.Ctid, out var place) && place.Seat == seat ? place : null;
}
