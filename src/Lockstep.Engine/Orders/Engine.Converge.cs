using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>The one comparison: wanted against held, and the next command that brings them together.</content>
public sealed partial class Engine
{
    private void Converge(Pool pool)
    {
        if (pool.InFlight is not null || pool.Released || !_pools.ContainsKey(pool.Number))
        {
            return;
        }

        var book = _accounts[pool.Account];
        if (!book.Synced || !book.Symbols.TryGetValue(pool.Symbol, out var spec))
        {
            return;
        }

        if (pool.RetryAt is { } retry)
        {
            if (retry > _now)
            {
                Wake(TimerKind.Retry, pool.Number, retry);
                return;
            }

            pool.RetryAt = null;
        }

        if (pool.TruthFrom is { } since)
        {
            if (book.SnapshotAt < since)
            {
                if (book.AskAt is null)
                {
                    AskNow(book);
                }

                return;
            }

            pool.TruthFrom = null;
        }

        bool level = pool.Kind switch
        {
            PoolKind.Leg => ConvergeLeg(pool, book, spec),
            PoolKind.Symbol => ConvergeSymbol(pool, book, spec),
            _ => ConvergeSourceClose(pool, book),
        };
        if (level)
        {
            Level(pool);
        }
    }

    /// <summary>True when nothing is left to do.</summary>
    private bool ConvergeLeg(Pool pool, AccountBook book, SymbolSpec spec)
    {
        var leg = _legs[pool.Legs[0]];
        var held = HeldBy(pool).Abs;
        var mode = ModeOf(leg);
        if (mode is LinkMode.Off or LinkMode.Shadow && leg.Status == LegStatus.Active)
        {
            return false;
        }

        if (pool.Pending is { } order)
        {
            if (ConvergePending(pool, book, leg, order, mode))
            {
                return false;
            }

            if (!leg.SourcePending)
            {
                // The source was filled first and ours waits: how much it grows or shrinks meanwhile has its outcome when the wait ends.
                ResolvePlaced(leg);
                UpdateNaked(leg);
                return false;
            }
        }

        if (leg.SourcePending && leg.Status == LegStatus.Active && pool.Pending is null && held.IsZero)
        {
            if (leg.PendingPlaced || mode != LinkMode.On)
            {
                return true;
            }

            return !Place(pool, leg, spec);
        }

        var wanted = WantedBy(leg, spec, held, mode);
        if (held > wanted)
        {
            // The latest piece first: top-ups go before the position they topped up.
            var holding = pool.Holdings[^1];
            var target = Lots.Max(Lots.Zero, holding.Volume - (held - wanted));
            if (!target.IsZero && holding.Volume - target < spec.MinLots)
            {
                return ConvergeLevels(pool, leg, spec);
            }

            if (!target.IsZero && _plant == Plant.DropPartialClose && pool.PartialCloses++ % 2 == 0)
            {
                return true;
            }

            Send(pool, "close", reducing: true, key => new ReducePosition
            {
                Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Position = holding.Position, Side = holding.Side, TargetVolume = target,
            });
            return false;
        }

        bool waitsForPending = leg.SourcePending || pool.Pending is not null;
        if (held < wanted && !waitsForPending)
        {
            var missing = Lots.Min(wanted - held, spec.RoundDown(spec.MaxLots));
            if (missing >= spec.MinLots)
            {
                return !Open(pool, book, spec, leg, leg.TargetSide, missing, leg.WorstPrice);
            }
        }

        return ConvergeLevels(pool, leg, spec);
    }

    /// <summary>
    /// What the target should hold for a leg now, given what it holds: the frozen ratio, the ceiling, the link's mode. Off leaves things as they are;
    /// close-only never lets them grow.
    /// </summary>
    private static Lots WantedBy(Leg leg, SymbolSpec spec, Lots held, LinkMode mode)
    {
        if (leg.Status is LegStatus.Ended or LegStatus.Skipped or LegStatus.Finished)
        {
            // A leg ends with a ceiling of zero; one whose link was removed and left is released and never comes here.
            return Lots.Zero;
        }

        var wanted = leg.SourcePending ? Lots.Min(held, leg.TargetFirst) : Sizing.Scale(leg, spec);
        if (leg.Ceiling is { } ceiling)
        {
            wanted = Lots.Min(wanted, ceiling);
        }

        return mode switch
        {
            LinkMode.On => wanted,
            LinkMode.CloseOnly => Lots.Min(wanted, held),
            _ => held,
        };
    }

    private bool ConvergeSymbol(Pool pool, AccountBook book, SymbolSpec spec)
    {
        var wanted = Lots.Zero;
        foreach (long number in pool.Legs)
        {
            var leg = _legs[number];
            wanted += leg.TargetSide.Signed(WantedBy(leg, spec, leg.Share, ModeOf(leg)));
        }

        var ours = HeldBy(pool);
        var delta = wanted - ours;
        if (delta.IsZero || (delta.Abs < spec.MinLots && !wanted.IsZero))
        {
            return ConvergeNetLevels(pool, book, spec);
        }

        var side = delta.Sign > 0 ? Side.Buy : Side.Sell;
        bool reducing = !ours.IsZero && ours.Sign != delta.Sign;
        bool netting = book.Capabilities!.Mode == AccountMode.Netting;
        if (reducing)
        {
            var amount = Lots.Min(delta.Abs, ours.Abs);
            if (netting && amount < spec.MinLots && NetPosition(book, pool.Symbol)?.Volume != amount)
            {
                // Others hold the rest of it: so little cannot be ordered, and becomes theirs.
                Alert(AlertLevel.Warning, "remainder-left", book.Id, null, $"{amount} lots of {pool.Symbol} on {book.Id} are ours and below the minimum of {spec.MinLots}: they cannot be closed beside what others hold there, and are left to you.");
                pool.Ours += side.Signed(amount);
                pool.Foreign -= side.Signed(amount);
                return true;
            }

            return netting ? !ReduceNet(pool, book, spec, side, amount) : !ReduceOldest(pool, book, amount);
        }

        // What legs on this side want on top of their shares is an opening, with an opening's limits. The rest is missing because a leg of the other side closed: that
        // is a closing in another shape, and goes on until it is done.
        var (grown, opener) = Growth(pool, spec, side);
        var owed = delta.Abs - grown;
        var most = spec.RoundDown(spec.MaxLots);
        if (owed >= spec.MinLots || opener is null)
        {
            var volume = Lots.Min(opener is null ? delta.Abs : owed, most);
            return !Send(pool, "close", reducing: true, key => new OpenMarket
            {
                Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Side = side, Volume = volume,
            });
        }

        // Where it may not open, it has given up what it may not have, and the rest is compared once more.
        Open(pool, book, spec, opener, side, Lots.Min(delta.Abs, most), opener.WorstPrice);
        return false;
    }

    private bool ReduceNet(Pool pool, AccountBook book, SymbolSpec spec, Side side, Lots amount)
    {
        var position = NetPosition(book, pool.Symbol);
        if (position is not null && position.Side != side)
        {
            var target = Lots.Max(Lots.Zero, position.Volume - amount);
            return Send(pool, "close", reducing: true, key => new ReducePosition
            {
                Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Position = position.Id, Side = position.Side, TargetVolume = target,
            });
        }

        // What others hold outweighs ours: taking ours away means trading further on their side.
        return Send(pool, "close", reducing: true, key => new OpenMarket
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Side = side, Volume = Lots.Min(amount, spec.RoundDown(spec.MaxLots)),
        });
    }

    /// <summary>Oldest first (NFA 2-43b), whichever leg opened it: only the sum belongs to legs.</summary>
    private bool ReduceOldest(Pool pool, AccountBook book, Lots amount)
    {
        Holding? oldest = null;
        foreach (var holding in pool.Holdings)
        {
            if (oldest is null || (_plant == Plant.SkipFifo ? !Older(book, holding, oldest) : Older(book, holding, oldest)))
            {
                oldest = holding;
            }
        }

        if (oldest is null)
        {
            return false;
        }

        var target = Lots.Max(Lots.Zero, oldest.Volume - amount);
        return Send(pool, "close", reducing: true, key => new ReducePosition
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Position = oldest.Position, Side = oldest.Side, TargetVolume = target,
        });
    }

    private static bool Older(AccountBook book, Holding a, Holding b)
    {
        var x = book.Positions[a.Position];
        var y = book.Positions[b.Position];
        int byTime = x.OpenedAt.CompareTo(y.OpenedAt);
        return byTime != 0 ? byTime < 0 : x.Id.CompareTo(y.Id) < 0;
    }

    /// <summary>What legs of a side want on top of their shares, and one of them: the newest, or one that is too old to open, if there is such a one.</summary>
    private (Lots Grown, Leg? Opener) Growth(Pool pool, SymbolSpec spec, Side side)
    {
        var grown = Lots.Zero;
        Leg? opener = null;
        foreach (long number in pool.Legs)
        {
            var leg = _legs[number];
            var more = WantedBy(leg, spec, leg.Share, ModeOf(leg)) - leg.Share;
            if (leg.TargetSide == side && more.Value > 0)
            {
                grown += more;
                opener = opener is not null && IsTooOld(opener) ? opener : leg;
            }
        }

        return (grown, opener);
    }

    private bool ConvergeSourceClose(Pool pool, AccountBook book)
    {
        if (pool.Holdings.Count == 0)
        {
            return true;
        }

        // A netted position that was turned meanwhile is another one under its number.
        var holding = pool.Holdings[0];
        if (!book.Positions.TryGetValue(holding.Position, out var position) || position.Side != holding.Side)
        {
            pool.Holdings.Clear();
            return true;
        }

        Send(pool, "close", reducing: true, key => new ReducePosition
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Position = holding.Position, Side = holding.Side, TargetVolume = Lots.Zero,
        });
        return false;
    }

    /// <summary>Opens if it may; false when it may not (any more), and then what is missing stays missing.</summary>
    private bool Open(Pool pool, AccountBook book, SymbolSpec spec, Leg leg, Side side, Lots volume, Price? worst)
    {
        if (IsTooOld(leg))
        {
            GiveUp(pool, WhyOutcome.Lapsed, WhyReason.Expired, Refusal.None, $"still {volume} lots missing at {leg.OpenUntil}", IsTooOld);
            return pool.InFlight is not null;
        }

        if (pool.OpenTries >= (SettingsOf(leg)?.MaxOpenAttempts ?? 1))
        {
            GiveUp(pool, WhyOutcome.Refused, WhyReason.AttemptsExhausted, leg.Refusal, $"{pool.OpenTries} attempts, {volume} lots missing");
            return pool.InFlight is not null;
        }

        if (OpeningRules.Forbids(book, spec, side, volume) is { } forbidden)
        {
            GiveUp(pool, WhyOutcome.Skipped, forbidden.Reason, Refusal.None, forbidden.Text);
            return pool.InFlight is not null;
        }

        var levels = book.Capabilities!.StopsWithOpen && !pool.OpenBare && pool.Kind == PoolKind.Leg ? LevelsOf(leg, spec) : default;
        pool.OpenTries++;
        return Send(pool, "open", reducing: false, key => new OpenMarket
        {
            Account = pool.Account, Key = key, Symbol = pool.Symbol, Deadline = Deadline(book), Side = side, Volume = volume,
            StopLoss = levels.StopLoss, TakeProfit = levels.TakeProfit, WorstPrice = worst,
        });
    }

    private bool IsTooOld(Leg leg) => leg.OpenUntil is { } until && _now > until;

    /// <summary>Nothing is left to do: shares are fixed, outcomes recorded, legs whose source is gone finished.</summary>
    private void Level(Pool pool)
    {
        pool.OpenTries = 0;
        pool.OpenBare = false;
        pool.Refusals = 0;
        if (pool.Kind == PoolKind.CloseSource)
        {
            Forget(pool);
            return;
        }

        var book = _accounts[pool.Account];
        var spec = book.Symbols[pool.Symbol];
        foreach (long number in pool.Legs.ToArray())
        {
            var leg = _legs[number];
            var mode = ModeOf(leg);
            if (pool.Kind == PoolKind.Symbol)
            {
                leg.Share = WantedBy(leg, spec, leg.Share, mode);
            }

            ResolveLevel(leg);
            UpdateNaked(leg);
            if (leg.SourceVolume.IsZero && !leg.SourcePending && pool.Pending is null && (pool.Kind == PoolKind.Symbol ? leg.Share.IsZero : pool.Holdings.Count == 0))
            {
                Finish(leg);
                if (pool.Kind == PoolKind.Symbol)
                {
                    pool.Legs.Remove(number);
                }
            }
        }
    }

    private Timestamp Deadline(AccountBook book) => _now + book.Capabilities!.AnswerTimeout;
}
