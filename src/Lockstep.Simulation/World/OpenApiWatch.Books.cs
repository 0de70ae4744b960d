using System.Globalization;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <content>What a session tells against what the broker has.</content>
internal sealed partial class OpenApiWatch
{
    private static readonly TimeSpan LookEach = TimeSpan.FromSeconds(5);

    /// <summary>So long a difference may stand while the line is heard: latency and delays are far below, the connector's own look at everything is far above.</summary>
    private static readonly TimeSpan TellWithin = TimeSpan.FromSeconds(25);

    private readonly SortedDictionary<AccountId, Told> _accounts = [];

    /// <summary>The session of an account reports to the engine.</summary>
    public void Reported(PlatformEvent report, long ctid)
    {
        if (!_accounts.TryGetValue(report.Account, out var told))
        {
            _accounts[report.Account] = told = new Told(ctid);
        }

        switch (report)
        {
            case SessionOpened or SessionClosed:
                told.Forget();
                break;
            case OrderAnswered answer:
                _given.Remove(answer.Key);
                break;
            case BookSnapshot snapshot:
                told.Adopt(snapshot);
                break;
            case BookChanged change:
                told.Take(change);
                break;
        }
    }

    /// <summary>From now on, what is told is compared with the brokers' books again and again. Only for worlds where a standing line says everything.</summary>
    public void LookAtBooks(Func<AccountId, SimBroker?> broker) => clock.Schedule(LookEach, () =>
    {
        foreach (var (account, told) in _accounts)
        {
            var line = _ways.Values.Select(w => w.Line).FirstOrDefault(l => l is not null && l.IsLive(told.Ctid));
            if (told.IsWhole && line is not null && broker(account) is { } there)
            {
                told.Compare(account, there, line, this);
            }
            else
            {
                told.Since.Clear();
            }
        }

        LookAtBooks(broker);
    });

    private sealed class Told(long ctid)
    {
        private readonly SortedDictionary<long, string> _positions = [];
        private readonly SortedDictionary<long, string> _orders = [];

        public long Ctid => ctid;

        /// <summary>A whole truth was told since the session opened.</summary>
        public bool IsWhole { get; private set; }

        /// <summary>Differences, and since when they stand.</summary>
        public SortedDictionary<string, Timestamp> Since { get; private set; } = new(StringComparer.Ordinal);

        public void Forget()
        {
            IsWhole = false;
            Since.Clear();
            _positions.Clear();
            _orders.Clear();
        }

        public void Adopt(BookSnapshot snapshot)
        {
            Forget();
            IsWhole = true;
            Put(snapshot.Positions, snapshot.Orders);
        }

        public void Take(BookChanged change)
        {
            Put(change.Positions, change.Orders);
            foreach (var gone in change.ClosedPositions)
            {
                _positions.Remove(gone.Value);
            }

            foreach (var gone in change.GoneOrders)
            {
                _orders.Remove(gone.Value);
            }
        }

        public void Compare(AccountId account, SimBroker broker, Line line, OpenApiWatch watch)
        {
            var differing = new HashSet<string>(_positions.Values.Concat(_orders.Values), StringComparer.Ordinal);
            differing.SymmetricExceptWith(broker.OpenPositions.Select(p => Position(p.Id, p.Side, p.Volume, p.StopLoss, p.TakeProfit)).Concat(broker.PendingOrders.Select(o => Order(o.Id, o.Side, o.Volume, o.Price))));
            var now = watch.Clock.Now;
            var since = new SortedDictionary<string, Timestamp>(StringComparer.Ordinal);
            foreach (string difference in differing)
            {
                var first = Since.GetValueOrDefault(difference, now);
                if (now - first < TellWithin || line.HeardAt - first < TellWithin / 2)
                {
                    since[difference] = first;
                    continue;
                }

                string who = _positions.ContainsValue(difference) || _orders.ContainsValue(difference) ? "was told and is not so" : "stands and was not told";
                watch.Violate("told-soon", string.Create(CultureInfo.InvariantCulture, $"{account}: {difference} {who}, for {(now - first).TotalSeconds:0} s"));
                since[difference] = now;
            }

            Since = since;
        }

        private void Put(IReadOnlyList<PositionReport> positions, IReadOnlyList<PendingReport> orders)
        {
            foreach (var p in positions)
            {
                _positions[p.Id.Value] = Position(p.Id.Value, p.Side, p.Volume.Value, p.StopLoss?.Value, p.TakeProfit?.Value);
            }

            foreach (var o in orders)
            {
                _orders[o.Id.Value] = Order(o.Id.Value, o.Side, o.Volume.Value, o.Price.Value);
            }
        }

        private static string Position(long id, Side side, decimal volume, decimal? stopLoss, decimal? takeProfit) =>
            string.Create(CultureInfo.InvariantCulture, $"position {id} {side} {volume:0.######} sl {stopLoss:0.######} tp {takeProfit:0.######}");

        private static string Order(long id, Side side, decimal volume, decimal price) => string.Create(CultureInfo.InvariantCulture, $"order {id} {side} {volume:0.######} at {price:0.######}");
    }
}
