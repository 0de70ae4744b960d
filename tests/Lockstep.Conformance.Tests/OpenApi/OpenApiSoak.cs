using System.Globalization;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Session;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Simulation;
using Lockstep.Simulator;

namespace Lockstep.Conformance.Tests;

/// <summary>
/// Hours of trading over the Open API in which everything goes wrong by dice, line, server, tokens and broker, with an onlooker on the wire that holds our end to the guide (§14, §15); then it
/// stops, and within three minutes everything must stand.
/// </summary>
public class OpenApiSoak
{
    /// <summary>Environment variable: how many seeds, or <c>=n</c> for one.</summary>
    private const string Variable = "LOCKSTEP_TEST_SOAK";

    private const double Hours = 3;

    [Theory]
    [InlineData(Kind.OpenApi)]
    [InlineData(Kind.OpenApiNetting)]
    public void Whatever_goes_wrong_the_guide_is_kept_and_the_books_agree_in_the_end(Kind kind)
    {
        string wanted = Environment.GetEnvironmentVariable(Variable) ?? "2";
        var seeds = wanted.StartsWith('=') ? [ulong.Parse(wanted[1..], CultureInfo.InvariantCulture)] : Enumerable.Range(1, int.Parse(wanted, CultureInfo.InvariantCulture)).Select(n => (ulong)n);
        foreach (ulong seed in seeds)
        {
            try
            {
                using var run = new Run(kind, seed);
                run.Play();
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"{kind}, seed {seed}: {error.Message}", error);
            }
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly SimRandom _dice;
        private readonly Floor _floor;
        private readonly OpenApiWatch _watch;
        private readonly List<string> _violations = [];
        private readonly Dictionary<OrderKey, OrderCommand> _commands = [];
        private readonly SimBroker _source;
        private readonly SimBroker _target;
        private Keeper? _keeper;
        private decimal _price = 1.1m;

        public Run(Kind kind, ulong seed)
        {
            _dice = new SimRandom(seed).Fork("soak");
            _floor = new Floor(new LinkSettings
            {
                Id = new LinkId("link"), Source = new AccountId("src"), Target = new AccountId("dst"), MaxOpenAttempts = 1000, InDoubt = InDoubtPolicy.Reopen,
                Pending = kind == Kind.OpenApiNetting ? PendingPolicy.OnFill : PendingPolicy.Native, Filters = new FilterSettings { MaxAge = null },
            });
            _watch = new OpenApiWatch(_floor.Clock, (rule, text) => _violations.Add($"{_floor.Clock.Now} {rule}: {text}"));
            _floor.Rig.OpenApiThrough = (server, wire) =>
            {
                _keeper = new Keeper(() => new WorldTokens(server, _floor.Clock, new SimRandom(seed).Fork("tokens")));
                return (_watch.Over(wire), _watch.Over(_keeper));
            };
            (_source, _target) = (_floor.Broker("src", kind), _floor.Broker("dst", kind));
            _floor.Commanded = command =>
            {
                _commands.Add(command.Key, command);
                _watch.Commanded(_floor.Rig.OpenApiNumbers[command.Account.Value], command);
            };
            _floor.Reported = report => _watch.Reported(report, _floor.Rig.OpenApiNumbers[report.Account.Value]);
        }

        public void Play()
        {
            _floor.Open();
            Assert.True(_floor.WaitUntil(() => _floor.IsSynced("src") && _floor.IsSynced("dst"), 30));
            var end = _floor.Clock.Now + TimeSpan.FromHours(Hours);
            while (_floor.Clock.Now < end)
            {
                Trade();
                Break();
                Move();
                _floor.Wait(_dice.Next(1, 200) / 10.0);
            }

            Settle();
            Assert.True(_violations.Count == 0, string.Join("\n", _violations.Take(10)));
            Assert.All(_source.ExecutionsByKey.Concat(_target.ExecutionsByKey), e => Assert.Equal(1, e.Value));
            Answers();
            Money();
            Assert.True(_watch.Connections > 5 && _watch.Sent > 1000, $"{_watch.Connections} connections, {_watch.Sent} frames: that was no soak");
        }

        public void Dispose() => _floor.Dispose();

        /// <summary>The faults stop: three minutes for everything to stand. What a target must hold is the plain model's affair in the seeded worlds; here it is what the books say.</summary>
        private void Settle()
        {
            (_source.Faults, _target.Faults) = (BrokerFaults.None, BrokerFaults.None);
            (_floor.Rig.OpenApiServer!.Faults, _floor.Rig.OpenApiWire!.Faults) = (SimOpenApiFaults.None, OpenApiWireFaults.None);
            bool settled = _floor.WaitUntil(
                () => _floor.IsSynced("src") && _floor.IsSynced("dst") && !_floor.Engine.InFlight.Any()
                    && _floor.Difference("src").Length == 0 && _floor.Difference("dst").Length == 0,
                180);
            Assert.True(
                settled,
                $"synced {_floor.IsSynced("src")} {_floor.IsSynced("dst")}, in flight {string.Join(", ", _floor.Engine.InFlight.Select(i => $"{i.Command}"))}\n"
                    + $"src: {_floor.Difference("src")}\ndst: {_floor.Difference("dst")}\n{string.Join("\n", _violations.Take(10))}\n{string.Join("\n", _floor.Why.Where(w => w.Outcome != WhyOutcome.Done).TakeLast(10))}");
        }

        /// <summary>Every command was answered, and ended once: an answer that leaves doubt may be followed by one that does not, and by no other.</summary>
        private void Answers()
        {
            var byKey = _floor.Answers.ToLookup(a => a.Key);
            foreach (var (key, command) in _commands)
            {
                int ends = byKey[key].Count(a => a.Outcome != OrderOutcome.Unknown);
                Assert.True(byKey[key].Any(), $"{command} was never answered");
                Assert.True(ends <= 1, $"{command} ended {ends} times: {string.Join("; ", byKey[key])}");
            }
        }

        private void Money()
        {
            _floor.Quotes(_price);
            _floor.Wait(3);
            foreach (var (account, broker) in _floor.Brokers)
            {
                var (told, there) = (_floor.MoneyOf(account)!, broker.Funds());
                foreach (var (what, ours, theirs) in new[]
                {
                    ("balance", told.Balance, there.Balance), ("equity", told.Equity, there.Equity), ("margin", told.Margin, there.Margin), ("free margin", told.FreeMargin, there.FreeMargin),
                })
                {
                    Assert.True(Math.Abs(ours.Value - theirs.Value) <= 0.01m, $"{account}: {what} {ours} was told, {theirs} is so");
                }
            }
        }

        private void Move()
        {
            _price += _dice.Next(-20, 21) * 0.00005m;
            _floor.Quotes(_price);
        }

        private void Trade()
        {
            var hand = Hand.For(_source);
            var side = _dice.Chance(50) ? Side.Buy : Side.Sell;
            int what = _dice.Next(12);
            if (what < 5 && _source.OpenPositions.Count < 6)
            {
                hand.Open(new HandOrder { Symbol = Floor.Eurusd, Side = side, Volume = _dice.Next(1, 30) * 0.01m });
            }
            else if (what == 5 && _source.PendingOrders.Count < 4)
            {
                hand.Open(new HandOrder { Symbol = Floor.Eurusd, Side = side, Volume = _dice.Next(1, 30) * 0.01m, Type = PendingType.Limit, Price = _price - (side.Sign() * 0.002m) });
            }
            else if (what == 6 && _source.PendingOrders.Count > 0)
            {
                hand.Cancel(_source.PendingOrders[_dice.Next(_source.PendingOrders.Count)]);
            }
            else if (_source.OpenPositions.Count > 0)
            {
                var position = _source.OpenPositions[_dice.Next(_source.OpenPositions.Count)];
                if (what < 9)
                {
                    decimal? stop = _dice.Chance(70) ? _price - (position.Side.Sign() * 0.004m) : null;
                    hand.SetStops(position, stop, _dice.Chance(70) ? _price + (position.Side.Sign() * 0.005m) : null);
                }
                else
                {
                    hand.Close(position, _dice.Chance(50) ? position.Volume : Math.Max(0.01m, Math.Round(position.Volume / 2, 2, MidpointRounding.ToZero)));
                }
            }

            if (_dice.Chance(2))
            {
                // A client who wants everything at once: what is traded meanwhile does not wait for it.
                for (int i = 0; i < 100; i++)
                {
                    _floor.Fetch("dst", new DealsWanted(_floor.Clock.Now - TimeSpan.FromHours(1), _floor.Clock.Now), static _ => { });
                }
            }
        }

        private void Break()
        {
            var (server, wire) = (_floor.Rig.OpenApiServer!, _floor.Rig.OpenApiWire!);
            switch (_dice.Next(60))
            {
                case 0:
                    wire.Cut();
                    break;
                case 1:
                    Weather(new OpenApiWireFaults { Down = true }, _dice.Next(1, 400));
                    break;
                case 2:
                    Weather(new OpenApiWireFaults { Silent = true }, _dice.Next(1, 150));
                    break;
                case 3:
                    _keeper!.Tokens.RefreshedElsewhere(TimeSpan.FromSeconds(_dice.Next(1, 100)));
                    break;
                case 4:
                    server.Faults = new SimOpenApiFaults { MaintenanceFor = TimeSpan.FromSeconds(_dice.Next(5, 120)), MaintenanceAtProxy = _dice.Chance(50) };
                    break;
                case < 10:
                    server.Faults = ServerFaults();
                    break;
                case < 14:
                    (_source.Faults, _target.Faults) = (BrokerFaultsOf(), BrokerFaultsOf());
                    break;
                case < 17:
                    wire.Faults = new OpenApiWireFaults { LatencyMax = TimeSpan.FromMilliseconds(_dice.Pick([5, 40, 400])), BreakPercent = _dice.Chance(20) ? 0.2m : 0m };
                    break;
                case < 24:
                    (server.Faults, wire.Faults) = (SimOpenApiFaults.None, OpenApiWireFaults.None);
                    break;
            }
        }

        private void Weather(OpenApiWireFaults faults, int seconds)
        {
            _floor.Rig.OpenApiWire!.Faults = faults;
            _floor.Wait(seconds);
            _floor.Rig.OpenApiWire.Faults = OpenApiWireFaults.None;
        }

        private SimOpenApiFaults ServerFaults() => new()
        {
            DropBeforePercent = Some(10),
            DropAfterPercent = Some(10),
            MutePercent = Some(10),
            SilentPercent = Some(1),
            DelayPercent = Some(10),
            DuplicatePercent = Some(20),
            ReorderPercent = Some(20),
            RejectPercent = Some(10),
            RejectCode = _dice.Pick(["TIMEOUT_ERROR", "UNKNOWN_ERROR", "CONCURRENT_MODIFICATION", "A_CODE_OF_TOMORROW"]),
            BlockPercent = Some(3),
            TokenInvalidPercent = Some(1),
            AccountDropPercent = Some(2),
            ClientDropPercent = Some(1),
            ForgetPercent = Some(2),
            SpotBeforeAnswer = _dice.Chance(50),
            ForeignIds = _dice.Chance(70),
            StrangeMessagePercent = Some(5),
        };

        private decimal Some(int most) => _dice.Chance(35) ? _dice.Next(1, 21) * most / 20m : 0m;

        private BrokerFaults BrokerFaultsOf() => _dice.Chance(40) ? BrokerFaults.None : new BrokerFaults
        {
            RequotePercent = Some(30),
            RejectPercent = Some(20),
            PartialFillPercent = Some(30),
            SlippagePercent = 20m,
            ReplyLostPercent = Some(30),
            ReplyLatePercent = Some(30),
            ExecuteLatePercent = Some(20),
            TimeoutThenFillPercent = Some(20),
            CommentCutPercent = Some(30),
            CommentRewrittenPercent = Some(30),
        };
    }

    /// <summary>The grant of both accounts; it is given when it is first needed, and then both are there.</summary>
    private sealed class Keeper(Func<WorldTokens> make) : ITokens
    {
        private WorldTokens? _tokens;

        public event Action<GrantId>? Changed;

        public WorldTokens Tokens
        {
            get
            {
                if (_tokens is null)
                {
                    _tokens = make();
                    _tokens.Changed += grant => Changed?.Invoke(grant);
                }

                return _tokens;
            }
        }

        public AccessToken? Current(GrantId grant) => Tokens.Current(grant);

        public void Refused(GrantId grant, long version, string code) => Tokens.Refused(grant, version, code);
    }
}
