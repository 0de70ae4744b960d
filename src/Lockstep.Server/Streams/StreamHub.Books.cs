using Lockstep.Domain;
using Lockstep.Server.Rest.Faces;

namespace Lockstep.Server.Streams;

/// <content>What is open on the accounts that programs of the parity face follow: looked at again when something happened, and each second while results float.</content>
internal sealed partial class StreamHub
{
    private readonly Dictionary<AccountId, BookSeat> _books = [];

    /// <summary>The commissions of an account's open positions, as far as they are known.</summary>
    public Func<AccountId, IReadOnlyDictionary<PositionId, decimal>>? Commissions { get; set; }

    /// <summary>The account's book is to be kept as long as somebody wants it. The pump's.</summary>
    internal void HoldBook(AccountId account)
    {
        if (!_books.TryGetValue(account, out var seat))
        {
            _books[account] = seat = new BookSeat();
            Look(account, seat);
        }

        seat.Users++;
    }

    /// <summary>Takes one <see cref="HoldBook"/> back. The pump's.</summary>
    internal void ReleaseBook(AccountId account)
    {
        if (_books.TryGetValue(account, out var seat) && --seat.Users == 0)
        {
            _books.Remove(account);
            Drop(new CellKey(CellKind.Book, account));
        }
    }

    private void News(EventFrame e)
    {
        if ((e.Topic & (EventTopics.Positions | EventTopics.Orders | EventTopics.Sessions)) != 0 && e.Row.Account is { } account && _books.TryGetValue(account, out var seat))
        {
            Look(account, seat);
        }
    }

    private void Floats(AccountId account)
    {
        if (_books.TryGetValue(account, out var seat))
        {
            seat.Floats = true;
        }
    }

    private void LookAgain()
    {
        foreach (var (account, seat) in _books)
        {
            if (seat.Floats)
            {
                seat.Floats = false;
                Look(account, seat);
            }
        }
    }

    /// <summary>Photographs the account beside the pump, once at a time.</summary>
    private void Look(AccountId account, BookSeat seat)
    {
        if (seat.Looking)
        {
            seat.Again = true;
            return;
        }

        seat.Looking = true;
        _ = Task.Run(async () =>
        {
            OpenRows? rows = null;
            try
            {
                var view = (await Desk.PhotoAsync(account).ConfigureAwait(false)).View;
                var floating = Desk.Floating(account).ToDictionary(f => f.Position);
                var commissions = Commissions?.Invoke(account);
                rows = new OpenRows(
                [
                    .. (view?.Positions ?? []).Select(p => PositionRow.Of(
                        p, floating.GetValueOrDefault(p.Id), Desk.Quote(account, p.Symbol), commissions is not null && commissions.TryGetValue(p.Id, out decimal commission) ? commission : null)),
                    .. (view?.Orders ?? []).Select(o => PendingRow.Of(o, Desk.Quote(account, o.Symbol))),
                ]);
            }
#pragma warning disable CA1031 // The next event looks again.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _log.LogError(error, "streams {Account} {Text}", account.Value, error.Message);
            }

            Post(() =>
            {
                seat.Looking = false;
                if (_books.GetValueOrDefault(account) != seat)
                {
                    return;
                }

                if (rows is not null)
                {
                    Put(new CellKey(CellKind.Book, account), rows);
                }

                if (seat.Again)
                {
                    seat.Again = false;
                    Look(account, seat);
                }
            });
        });
    }

    private sealed class BookSeat
    {
        public int Users { get; set; }

        public bool Looking { get; set; }

        public bool Again { get; set; }

        public bool Floats { get; set; }
    }
}
