using Lockstep.Domain;

namespace Lockstep.Engine;

/// <content>Sessions come and go; accounts are asked for their truth.</content>
public sealed partial class Engine
{
    /// <summary>How far before the oldest open question history is asked for: clocks of platforms differ.</summary>
    private static readonly TimeSpan HistorySkew = TimeSpan.FromMinutes(2);

    /// <summary>A question without an answer is asked again after this.</summary>
    private static readonly TimeSpan AskPatience = TimeSpan.FromSeconds(10);

    private void OpenSession(AccountBook book, SessionOpened opened)
    {
        if (opened.Epoch <= book.Epoch)
        {
            return;
        }

        DoubtAll(book);
        book.Epoch = opened.Epoch;
        book.Up = true;
        book.Synced = false;
        book.Sequence = 0;
        book.Early.Clear();
        book.Capabilities = opened.Capabilities;
        book.Ask = null;
        book.AskFailures = 0;
        book.AskedForDigest = false;
        book.DigestsInVain = 0;
        book.LostAt = null;
        TakeSymbols(book, opened.Symbols);
        Wake(TimerKind.LostSource, book.Number, null);
        _moves?.Add(new SessionMove(book.Id, Up: true, Synced: false, book.Epoch, ""));
        AskNow(book);
    }

    private void Down(AccountBook book)
    {
        DoubtAll(book);
        book.Up = false;
        book.Synced = false;
        book.Ask = null;
        book.Early.Clear();
        book.LostAt = _now;
        book.AskAt = null;
        Wake(TimerKind.AskAgain, book.Number, null);
    }

    private void CloseSession(AccountBook book, string reason)
    {
        Down(book);
        _moves?.Add(new SessionMove(book.Id, Up: false, Synced: false, book.Epoch, reason));
        Alert(AlertLevel.Warning, "session-lost", book.Id, null, $"The session of {book.Id} is lost: {reason}. Positions stay as they are; everything is compared again when it is back.");
        if (_linksFrom.TryGetValue(book.Id, out var links))
        {
            TimeSpan? soonest = null;
            foreach (var link in links)
            {
                if (link.Settings.CloseAfterSourceLost is { } span && (soonest is null || span < soonest))
                {
                    soonest = span;
                }
            }

            if (soonest is { } wait)
            {
                Wake(TimerKind.LostSource, book.Number, _now + wait);
            }
        }
    }

    private void TakeRestart()
    {
        foreach (var book in SortedAccounts())
        {
            if (book.Up)
            {
                book.LostAt = _now;
                _moves?.Add(new SessionMove(book.Id, Up: false, Synced: false, book.Epoch, "the server was started anew"));
            }

            DoubtAll(book);
            foreach (var intent in book.Intents)
            {
                // Nobody knows how much time passed while the process was gone: the clock may have been set, the broker's queue may have stood still. One quiet time more.
                intent.AbsentFrom = Timestamp.Max(intent.AbsentFrom, Deadline(book) + book.Capabilities!.AbsenceHorizon);
            }

            book.Up = false;
            book.Synced = false;
            book.Ask = null;
            book.AskAt = null;
            book.Early.Clear();
            Wake(TimerKind.AskAgain, book.Number, null);
        }
    }

    private void TakeSymbols(AccountBook book, IReadOnlyList<SymbolSpec> symbols)
    {
        foreach (var spec in symbols)
        {
            if (spec.Problem() is { } problem)
            {
                book.Malformed++;
                Alert(AlertLevel.Warning, "bad-symbol", book.Id, null, $"{book.Id} reported a symbol that cannot be used: {problem}. It is left out.");
                continue;
            }

            book.Symbols[spec.Name] = spec;
        }
    }

    /// <summary>All commands whose answer was awaited are in doubt: the link to the platform is gone.</summary>
    private void DoubtAll(AccountBook book)
    {
        foreach (var intent in book.Intents.ToArray())
        {
            if (intent.State == IntentState.Sent)
            {
                Doubt(intent, book);
            }
        }
    }

    private void AskNow(AccountBook book)
    {
        if (!book.Up || book.Ask is not null)
        {
            return;
        }

        var from = book.SnapshotAt == Timestamp.Epoch ? _now - HistorySkew : book.SnapshotAt - HistorySkew;
        foreach (var intent in book.Intents)
        {
            var since = intent.DecidedAt - HistorySkew;
            if (since < from)
            {
                from = since;
            }
        }

        book.Ask = new AskId(NextNumber());
        book.AskedAt = _now;
        book.AskAt = null;
        _out.Add(new AskAccount(book.Id, book.Ask.Value, from));
        Wake(TimerKind.AskAgain, book.Number, _now + AskPatience);
    }

    /// <summary>Ask at a moment, or earlier if that is already planned.</summary>
    private void AskAt(AccountBook book, Timestamp at)
    {
        if (!book.Up || (book.AskAt is { } planned && planned <= at))
        {
            return;
        }

        book.AskAt = at;
        if (book.Ask is null)
        {
            Wake(TimerKind.AskAgain, book.Number, at);
        }
    }

    private void AskIsDue(long number)
    {
        foreach (var book in SortedAccounts())
        {
            if (book.Number == number)
            {
                // Either the planned moment has come, or the question under way was never answered.
                book.Ask = null;
                AskNow(book);
                return;
            }
        }
    }

    private void TakeAskFailed(AccountBook book, AskFailed failed)
    {
        if (book.Ask != failed.Ask)
        {
            return;
        }

        // No evidence of anything; a maintenance hour must not be taken for a flat account.
        book.Ask = null;
        book.AskFailures++;
        if (book.AskFailures == 5)
        {
            Alert(AlertLevel.Warning, "cannot-ask", book.Id, null, $"{book.Id} could not be asked for its state 5 times in a row: {failed.Reason}. Nothing is opened or closed there until it can.");
        }

        book.AskAt = null;
        AskAt(book, _now + RefusalPolicy.Backoff(book.AskFailures));
    }

    private List<AccountBook> SortedAccounts()
    {
        var books = new List<AccountBook>(_accounts.Values);
        books.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return books;
    }
}
