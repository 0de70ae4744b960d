using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Server.Configuration;
using Lockstep.Server.Rest;
using Lockstep.Server.Streams;
using Lockstep.Storage;

namespace Lockstep.Server.Amqp;

/// <summary>
/// Publishes to RabbitMQ what the accounts tell. Connects, and connects again, by itself; no trade ever waits for it: events are read from the log, where they stand already, and of prices and states only the latest is kept.
/// </summary>
internal sealed class AmqpPublisher : IFeedListener, IAsyncDisposable
{
    private static readonly TimeSpan TickMost = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan StopWithin = TimeSpan.FromSeconds(2);

    private readonly AmqpConfig _config;
    private readonly IEventLog _log;
    private readonly IDesk _desk;
    private readonly Messages _messages;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AmqpOutbox _outbox;
    private readonly LatestStates _latest;
    private readonly Dictionary<AccountId, Book> _books = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopCursor = new();
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private Task _cursor = Task.CompletedTask;
    private AmqpAddress? _address;
    private string? _problem = "not connected yet";
    private volatile string? _blocked;
    private long _lost;
    private long _states;
    private long _told;
    private (long Event, Timestamp At) _oldest;

    public AmqpPublisher(AmqpConfig config, IEventLog log, IDesk desk, Messages messages, TimeProvider time, ILogger logger)
    {
        (_config, _log, _desk, _messages, _time, _logger) = (config, log, desk, messages, time, logger);
        _outbox = new AmqpOutbox(log, messages, config.Unconfirmed, time);
        _latest = new LatestStates(config.Prices, config.PriceInterval, config.StateInterval);
    }

    /// <summary>How it stands.</summary>
    public AmqpState State
    {
        get
        {
            lock (_gate)
            {
                long done = _outbox.Done, lag = Math.Max(0, _log.LastEvent - done);
                return new AmqpState
                {
                    Broker = _address?.ToString() ?? "",
                    Exchange = _config.Exchange,
                    Connected = _problem is null,
                    Blocked = _blocked,
                    Problem = _problem,
                    Lag = lag,
                    LagAge = lag == 0 ? null : AgeOf(done + 1),
                    Unconfirmed = _outbox.Unconfirmed,
                    Confirmed = _outbox.Confirmed,
                    Refused = _outbox.Refusals,
                    Lost = _lost,
                    States = Interlocked.Read(ref _states),
                    PricesDropped = _latest.Dropped,
                    PricesConflated = _latest.Conflated,
                };
            }
        }
    }

    /// <summary>Begins. The log's cursor is prepared (<see cref="AmqpOutbox.PrepareAsync"/>).</summary>
    public void Start(Feed feed)
    {
        _outbox.Begin();
        foreach (var account in _desk.Config.Accounts)
        {
            _latest.Changed(account.Id);
        }

        _told = feed.Add(this);
        _running = Task.Run(RunAsync);
        _cursor = Task.Run(() => _outbox.KeepCursorAsync(_stopCursor.Token));
    }

    /// <inheritdoc/>
    public void Told(EventRow row)
    {
        Volatile.Write(ref _told, row.Id);
        if (row is { Account: { } account, Body: SessionNoted or PositionOpened or PositionChanged or PositionClosed or OrderPlaced or OrderChanged or OrderGone })
        {
            _latest.Changed(account);
        }

        _outbox.Wake();
    }

    /// <inheritdoc/>
    public void Quoted(AccountId account, SymbolName symbol, Quote quote) => _latest.Quoted(account, symbol, quote);

    /// <inheritdoc/>
    public void Funded(AccountId account, AccountFunds funds) => _latest.Funded(account, funds);

    /// <inheritdoc/>
    public void Floated(AccountId account, IReadOnlyList<PositionMoney> positions) => _latest.Floated(account, positions);

    /// <summary>Ends: what the broker confirmed is saved, what it did not is published after the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _stopCursor.CancelAsync();
        await _cursor;
        _stop.Dispose();
        _stopCursor.Dispose();
    }

    private async Task RunAsync()
    {
        int attempt = 0;
        while (!_stop.IsCancellationRequested)
        {
            long done = _outbox.Done;
            bool connected = false;
            try
            {
                var (address, wrong) = AmqpReader.Address(_config.Url, Environment.GetEnvironmentVariable);
                _address = address ?? throw new AmqpTroubleException($"{_config.Url} {wrong}");
                var end = new LinkEnd(this);
                await using var link = await AmqpLink.OpenAsync(_config, address, $"lockstep {_log.Instance}", end, _stop.Token);
                connected = true;
                Now(null);
                _logger.LogInformation("amqp connected {Broker} {Exchange} {Lag}", address, _config.Exchange, _log.LastEvent - done);
                await UseAsync(link, end);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever the client library throws: the connection is tried again.
            catch (Exception error)
#pragma warning restore CA1031
            {
                Lose(connected, error);
            }

            // A connection that brought events further was a good one.
            attempt = _outbox.Done > done ? 0 : attempt + 1;
            try
            {
                await Task.Delay(Backoff.Delay(attempt, Random.Shared.NextDouble()), _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }
    }

    private async Task UseAsync(AmqpLink link, LinkEnd end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var events = _outbox.PumpAsync(link.PublishEventAsync, () => _blocked is not null, over.Token);
        var states = StatesAsync(link, over.Token);
        var first = await Task.WhenAny(events, states, link.Lost);
        await over.CancelAsync();
        await Task.WhenAll(events, states).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        if (_stop.IsCancellationRequested)
        {
            // What is confirmed now is not published again after the next start.
            await Task.WhenAny(_outbox.SettledAsync(), link.Lost, Task.Delay(StopWithin, _time, CancellationToken.None));
        }

        end.Close();
        _latest.Shut();
        _blocked = null;
        _stop.Token.ThrowIfCancellationRequested();

        // The broker's own words say more than what its silence then led to.
        throw link.Lost.IsCompletedSuccessfully ? new AmqpTroubleException(await link.Lost) : first.Exception!.InnerException!;
    }

    private async Task StatesAsync(AmqpLink link, CancellationToken cancel)
    {
        var tick = new[] { TickMost, _config.PriceInterval, _config.StateInterval }.Min();
        bool open = false;
        while (true)
        {
            if (open != _blocked is null)
            {
                open = !open;
                Gate(open);
            }

            if (open)
            {
                var (quotes, states) = _latest.Take(_time.GetElapsedTime(0));
                foreach (var (account, symbol, quote) in quotes)
                {
                    await PublishAsync(link, _messages.Price(account, symbol, quote), cancel);
                }

                foreach (var state in states)
                {
                    await PublishAsync(link, state, cancel);
                }
            }

            await Task.Delay(tick, _time, cancel);
        }
    }

    private void Gate(bool open)
    {
        if (open)
        {
            _latest.Open();
        }
        else
        {
            _latest.Shut();
        }
    }

    private async Task PublishAsync(AmqpLink link, DueState state, CancellationToken cancel)
    {
        if (state.Funds is { } funds)
        {
            await PublishAsync(link, _messages.Info(state.Account, funds), cancel);
        }

        if (state.Book)
        {
            // What was told before is in the view, and perhaps more.
            long cursor = Volatile.Read(ref _told);
            if (await _desk.AccountAsync(state.Account).WaitAsync(cancel) is not { } view)
            {
                _books.Remove(state.Account);
                return;
            }

            _books[state.Account] = new Book(view.Positions, cursor);
            await PublishAsync(link, _messages.Orders(state.Account, [.. view.Orders.Select(o => OrderRow.Of(o))]), cancel);
        }

        if (state.Positions && _books.TryGetValue(state.Account, out var book))
        {
            var money = state.Floating.DistinctBy(m => m.Position).ToDictionary(m => m.Position);
            var rows = book.Positions.Select(p => PositionRow.Of(p, money.GetValueOrDefault(p.Id), _desk.Quote(state.Account, p.Symbol)));
            await PublishAsync(link, _messages.Positions(state.Account, [.. rows], book.Cursor), cancel);
        }
    }

    private async Task PublishAsync(AmqpLink link, Message message, CancellationToken cancel)
    {
        await link.PublishStateAsync(message, cancel);
        Interlocked.Increment(ref _states);
    }

    private void Lose(bool connected, Exception error)
    {
        string text = _address is { } address ? AmqpTrouble.Of(error, address, _config.Exchange) : error.Message;
        bool news = connected || _problem != text;
        Now(text);
        _lost += connected ? 1 : 0;
        if (news)
        {
            _logger.LogWarning("amqp {Problem} {Lag}", text, _log.LastEvent - _outbox.Done);
        }
    }

    private void Now(string? problem)
    {
        lock (_gate)
        {
            _problem = problem;
        }
    }

    private TimeSpan? AgeOf(long id)
    {
        if (_oldest.Event != id)
        {
            if (_log.Events(new EventQuery { After = id - 1, Limit = 1 }) is not [var row])
            {
                return null;
            }

            _oldest = (id, row.At);
        }

        var age = Timestamp.From(_time.GetUtcNow()) - _oldest.At;
        return age > TimeSpan.Zero ? age : TimeSpan.Zero;
    }

    private sealed record Book(IReadOnlyList<PositionReport> Positions, long Cursor);

    /// <summary>Passes on what one link says, until it is closed: a confirmation that comes late would count for the next link's numbers.</summary>
    private sealed class LinkEnd(AmqpPublisher publisher) : IAmqpLinkEnd
    {
        private readonly Lock _gate = new();
        private bool _closed;

        public void Close()
        {
            lock (_gate)
            {
                _closed = true;
            }
        }

        public void Confirmed(ulong number, bool upToIt) => Pass(() => publisher._outbox.Confirm(number, upToIt));

        public void Refused() => Pass(publisher._outbox.Refuse);

        public void Blocked(string? reason) => Pass(() =>
        {
            publisher._blocked = reason;
            publisher._outbox.Wake();
            publisher._logger.Log(reason is null ? LogLevel.Information : LogLevel.Warning, "amqp {State} {Broker} {Reason}", reason is null ? "unblocked" : "blocked", publisher._address, reason);
        });

        private void Pass(Action act)
        {
            lock (_gate)
            {
                if (!_closed)
                {
                    act();
                }
            }
        }
    }
}
