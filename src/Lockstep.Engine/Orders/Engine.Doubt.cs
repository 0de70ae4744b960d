using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Orders in doubt: what the book says about them, and when silence is believed.</content>
public sealed partial class Engine
{
    private void AnswerIsDue(long number)
    {
        foreach (var intent in _intents.Values)
        {
            if (intent.Number == number)
            {
                var book = _accounts[intent.Command.Account];
                if (intent.State == IntentState.Settling)
                {
                    AskNow(book);
                }
                else
                {
                    Doubt(intent, book);
                }

                return;
            }
        }
    }

    private void Doubt(Intent intent, AccountBook book)
    {
        if (intent.State != IntentState.Sent)
        {
            return;
        }

        intent.State = IntentState.Unknown;
        if (intent.ClientId is not null)
        {
            ClientStands(intent, new ClientAnswer { State = ClientState.Unknown, Key = intent.Key, Code = "no answer; the platform is being asked" });
        }

        if (_plant == Plant.ResendSameKey)
        {
            _out.Add(new SendOrder(intent.Command with { Deadline = Deadline(book) }));
        }
        else if (_plant == Plant.ResendNewKey)
        {
            Absent(intent, reopen: true);
            return;
        }

        AskNow(book);
    }

    /// <summary>Ends the orders that the book now shows to be done.</summary>
    private void SettleIntents(AccountBook book)
    {
        List<Intent>? ended = null;
        foreach (var intent in book.Intents)
        {
            if (intent.State != IntentState.Sent
                && (intent.State == IntentState.Settling ? Settled(intent, book) : Seen(intent, book) == Evidence.Whole))
            {
                (ended ??= []).Add(intent);
            }
        }

        if (ended is null)
        {
            return;
        }

        foreach (var intent in ended)
        {
            Done(intent, book);
        }
    }

    private enum Evidence
    {
        None,
        Part,
        Whole,
    }

    /// <summary>What the book and the deals say about an order. A broken comment hides it, a repeated one does not double it.</summary>
    private static Evidence Seen(Intent intent, AccountBook book)
    {
        switch (intent.Command)
        {
            case OpenMarket open:
                var seen = Lots.Max(intent.DealVolume, HeldByKey(intent, book));
                return seen >= open.Volume ? Evidence.Whole : seen.Value > 0 ? Evidence.Part : Evidence.None;
            case ReducePosition reduce:
                return !book.Positions.TryGetValue(reduce.Position, out var p) || p.Volume <= reduce.TargetVolume ? Evidence.Whole : Evidence.None;
            case CloseBy by:
                return !book.Positions.ContainsKey(by.Position) || !book.Positions.ContainsKey(by.Opposite) ? Evidence.Whole : Evidence.None;
            case SetStops stops:
                return !book.Positions.TryGetValue(stops.Position, out var q) || (q.StopLoss == stops.StopLoss && q.TakeProfit == stops.TakeProfit) ? Evidence.Whole : Evidence.None;
            case CancelPending cancel:
                return !book.Orders.ContainsKey(cancel.Order) ? Evidence.Whole : Evidence.None;
            case AmendPending amend:
                return !book.Orders.TryGetValue(amend.Order, out var o)
                    || (o.Price == amend.Price && o.StopLoss == amend.StopLoss && o.TakeProfit == amend.TakeProfit && o.Expiry == amend.Expiry)
                    ? Evidence.Whole : Evidence.None;
            case PlacePending:
                return intent.DealVolume.Value > 0 || HeldByKey(intent, book).Value > 0 || OrderByKey(intent, book) is not null ? Evidence.Whole : Evidence.None;
            default:
                return Evidence.None;
        }
    }

    private static bool Settled(Intent intent, AccountBook book) => intent.Command switch
    {
        OpenMarket => Lots.Max(intent.DealVolume, HeldByKey(intent, book)) is { Value: > 0 } seen && seen >= intent.Filled,
        PlacePending => (intent.Order is { } id && book.Orders.ContainsKey(id)) || Seen(intent, book) == Evidence.Whole,

        ReducePosition reduce => Seen(intent, book) == Evidence.Whole
            || (intent.Filled.Value > 0 && book.Positions.TryGetValue(reduce.Position, out var p) && p.Volume <= intent.VolumeBefore - intent.Filled),
        CancelPending or CloseBy => Seen(intent, book) == Evidence.Whole,

        // Levels and prices are remembered as asked for; a platform may show them rounded.
        _ => true,
    };

    private static Lots HeldByKey(Intent intent, AccountBook book)
    {
        // On netting the position carries the last deal's tag and everybody's volume: only deals count there.
        if (book.Capabilities!.Mode == AccountMode.Netting)
        {
            return Lots.Zero;
        }

        var sum = Lots.Zero;
        foreach (var position in book.Positions.Values)
        {
            if (position.Tag.Key == intent.Key || position.Id == intent.Position || (intent.Order is { } order && position.OpeningOrder == order)
                || (position.Tag.Key is null && position.Tag.Magic == intent.Key.Magic && position.Symbol == intent.Command.Symbol && position.OpenedAt >= intent.DecidedAt - HistorySkew))
            {
                sum += position.Volume;
            }
        }

        return sum;
    }

    private static PendingReport? OrderByKey(Intent intent, AccountBook book)
    {
        PendingReport? found = null;
        foreach (var order in book.Orders.Values)
        {
            if (found is not null && found.Id.CompareTo(order.Id) < 0)
            {
                continue;
            }

            if (order.Tag.Key == intent.Key || order.Id == intent.Order || (order.Tag.Key is null && order.Tag.Magic == intent.Key.Magic && order.Symbol == intent.Command.Symbol))
            {
                found = order;
            }
        }

        return found;
    }

    /// <summary>A complete snapshot, asked for at <see cref="AccountBook.AskedAt"/>, says what became of every order in doubt.</summary>
    private void ResolveDoubts(AccountBook book, BookSnapshot snapshot)
    {
        Timestamp? askAgain = null;
        foreach (var intent in book.Intents.ToArray())
        {
            var seen = Seen(intent, book);
            if (seen == Evidence.None && intent.Command is PlacePending && snapshot.EndedOrders.Any(o => o.Tag.Key == intent.Key))
            {
                seen = Evidence.Whole;
            }

            bool quiet = book.AskedAt >= intent.AbsentFrom || (_plant == Plant.BelieveAbsentAtOnce && intent.State == IntentState.Unknown);
            if (seen == Evidence.Whole && intent.State != IntentState.Sent)
            {
                Done(intent, book);
            }
            else if (intent.State == IntentState.Settling && intent.Command is ReducePosition or CancelPending or CloseBy && book.AskedAt >= intent.AnsweredAt)
            {
                // Answered done, and the platform, asked after that, shows something else: the next comparison goes on from what is true.
                Done(intent, book);
            }
            else if (intent.State == IntentState.Settling && quiet)
            {
                Diverged(book, $"order {intent.Key}", $"done, {intent.Filled} lots", seen.ToString());
                Done(intent, book);
            }
            else if (intent.State == IntentState.Unknown && quiet)
            {
                if (seen == Evidence.Part)
                {
                    Done(intent, book);
                }
                else
                {
                    Absent(intent, reopen: _plant == Plant.BelieveAbsentAtOnce);
                }
            }
            else if (intent.State != IntentState.Sent && (askAgain is null || intent.AbsentFrom < askAgain))
            {
                askAgain = intent.AbsentFrom;
            }
        }

        if (askAgain is { } at)
        {
            // In between it is asked a few times, since most doubts end early.
            AskAt(book, Timestamp.Max(_now + AnswerGrace, at - _now > TimeSpan.FromSeconds(4) ? _now + ((at - _now) / 2) : at));
        }
    }

    private static PositionId? PositionByKey(Intent intent, AccountBook book)
    {
        foreach (var position in book.Positions.Values)
        {
            if (position.Tag.Key == intent.Key)
            {
                return position.Id;
            }
        }

        return null;
    }
}
