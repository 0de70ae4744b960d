using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Amqp;

/// <summary>What of an account is to be published.</summary>
/// <param name="Account">The account.</param>
/// <param name="Funds">Its money; null = not now.</param>
/// <param name="Book">Its positions and orders must be read anew.</param>
/// <param name="Positions">Its positions are to be published.</param>
/// <param name="Floating">Their floating results.</param>
internal sealed record DueState(AccountId Account, AccountFunds? Funds, bool Book, bool Positions, IReadOnlyList<PositionMoney> Floating);

/// <summary>
/// The latest quotes and states, until they are published: the latest wins, and nothing queues. Quotes are kept only while they can be published (an old quote is worth nothing); states always, as the first thing that a
/// consumer wants after a gap is how things stand. Safe for all threads.
/// </summary>
/// <param name="prices">Quotes are wanted.</param>
/// <param name="priceInterval">Quotes are given out so often.</param>
/// <param name="stateInterval">States of which only floating results changed are given out so often, for each account.</param>
internal sealed class LatestStates(bool prices, TimeSpan priceInterval, TimeSpan stateInterval)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(AccountId Account, SymbolName Symbol), Quote> _quotes = [];
    private readonly SortedDictionary<AccountId, Slot> _accounts = [];
    private bool _open;
    private TimeSpan? _pricesAt;

    /// <summary>Quotes that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Quotes that a later one took the place of.</summary>
    public long Conflated { get; private set; }

    /// <summary>Something can be published from now on: every account's state is due.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _open = true;
            foreach (var slot in _accounts.Values)
            {
                slot.Book = slot.Money = slot.Urgent = true;
            }
        }
    }

    /// <summary>Nothing can be published for now.</summary>
    public void Shut()
    {
        lock (_gate)
        {
            _open = false;
            Dropped += _quotes.Count;
            _quotes.Clear();
        }
    }

    /// <summary>A quote.</summary>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote)
    {
        if (!prices)
        {
            return;
        }

        lock (_gate)
        {
            if (!_open)
            {
                Dropped++;
                return;
            }

            Conflated += _quotes.TryAdd((account, symbol), quote) ? 0 : 1;
            _quotes[(account, symbol)] = quote;
        }
    }

    /// <summary>An account's money. A balance that changed is urgent, floating equity is not.</summary>
    public void Funded(AccountId account, AccountFunds funds)
    {
        lock (_gate)
        {
            var slot = Of(account);
            slot.Urgent |= slot.Funds?.Balance != funds.Balance || slot.Funds.Currency != funds.Currency;
            slot.Money |= slot.Funds is null || funds with { At = slot.Funds.At } != slot.Funds;
            slot.Funds = funds;
        }
    }

    /// <summary>Floating results of an account's positions.</summary>
    public void Floated(AccountId account, IReadOnlyList<PositionMoney> positions)
    {
        lock (_gate)
        {
            var slot = Of(account);
            slot.Floating |= !slot.Results.SequenceEqual(positions);
            slot.Results = [.. positions];
        }
    }

    /// <summary>A position or order came, changed or went, or the session changed.</summary>
    public void Changed(AccountId account)
    {
        lock (_gate)
        {
            Of(account).Book = true;
        }
    }

    /// <summary>What is to be published now; it is due again when it changes again.</summary>
    /// <param name="now">A growing time.</param>
    public (IReadOnlyList<(AccountId Account, SymbolName Symbol, Quote Quote)> Quotes, IReadOnlyList<DueState> States) Take(TimeSpan now)
    {
        lock (_gate)
        {
            List<(AccountId, SymbolName, Quote)> quotes = [];
            if (_pricesAt is not { } last || now - last >= priceInterval)
            {
                _pricesAt = now;
                quotes.AddRange(_quotes.Select(q => (q.Key.Account, q.Key.Symbol, q.Value)));
                _quotes.Clear();
            }

            List<DueState> states = [];
            foreach (var (account, slot) in _accounts)
            {
                if (slot.Book || slot.Urgent || ((slot.Money || slot.Floating) && (slot.SentAt is not { } sent || now - sent >= stateInterval)))
                {
                    states.Add(new DueState(account, slot.Money ? slot.Funds : null, slot.Book, slot.Book || slot.Floating, slot.Results));
                    slot.Book = slot.Money = slot.Urgent = slot.Floating = false;
                    slot.SentAt = now;
                }
            }

            return (quotes, states);
        }
    }

    private Slot Of(AccountId account)
    {
        if (!_accounts.TryGetValue(account, out var slot))
        {
            _accounts.Add(account, slot = new Slot());
        }

        return slot;
    }

    private sealed class Slot
    {
        public AccountFunds? Funds { get; set; }

        public IReadOnlyList<PositionMoney> Results { get; set; } = [];

        public bool Book { get; set; }

        public bool Money { get; set; }

        public bool Urgent { get; set; }

        public bool Floating { get; set; }

        public TimeSpan? SentAt { get; set; }
    }
}
