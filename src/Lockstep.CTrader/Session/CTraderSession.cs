using Google.Protobuf;
using Lockstep.CTrader.OAuth;
using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>The platform port of an account that the Open API serves.</summary>
/// <remarks>Everything happens under the hub's lock; what follows for the world outside waits in a queue and is carried out after it, in order, by one thread at a time.</remarks>
public sealed partial class CTraderSession : IAccountSession, IAccountData, IOpenApiSeat
{
    private const long Never = long.MaxValue;

    private readonly Catalogue _catalogue = new();
    private readonly Book _book;
    private ISessionSink? _sink;
    private OpenApiConnection? _connection;
    private OpenApiEnvironment _environment;
    private ProtoOATrader? _trader;
    private string _peer = "Open API";
    private long _sequence;
    private int _opened;
    private bool _open;
    private bool _stopped;

    internal CTraderSession(CTraderHub hub, CTraderAccount settings, long firstEpoch)
    {
        (Hub, Settings) = (hub, settings);
        Epoch = firstEpoch - 1;
        _environment = settings.Environment;
        _book = new Book(_catalogue);
    }

    /// <summary>The account.</summary>
    public AccountId Account => Settings.Id;

    internal CTraderHub Hub { get; }

    internal CTraderAccount Settings { get; }

    internal long Epoch { get; private set; }

    /// <summary>How it stands, for a person: <c>live</c>, <c>waiting for a token</c>, <c>authorising</c>, <c>refused: …</c>.</summary>
    public string Standing { get; private set; } = "not started";

    long IOpenApiSeat.Ctid => Settings.CtidTraderAccountId;

    private long Ctid => Settings.CtidTraderAccountId;

    private CTraderOptions Options => Hub.Options;

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        bool outermost = Hub.Enter();
        try
        {
            if (_sink is not null || _stopped)
            {
                return;
            }

            _sink = sink;
            if (Settings.Enabled)
            {
                Standing = "not connected";
                _connection = Hub.Connection(_environment);
                _connection.Sit(this);
            }
            else
            {
                Standing = "disabled";
            }
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
    }

    /// <inheritdoc/>
    public void Stop()
    {
        bool outermost = Hub.Enter();
        try
        {
            if (_stopped)
            {
                return;
            }

            _up = false;
            _round++;
            CloseSession("the account was stopped");
            _stopped = true;
            Standing = "stopped";
            _connection?.Leave(this);
            Hub.Release(this);
        }
        finally
        {
            Hub.Exit(outermost);
        }

        Drain();
        lock (Hub.Gate)
        {
            Volatile.Write(ref _silent, true);
        }
    }

    void IOpenApiSeat.Push(OpenApiMessage message)
    {
        if (_stopped)
        {
            return;
        }

        switch (message.Body)
        {
            case ProtoOASpotEvent spot:
                TakeSpot(spot);
                break;
            case ProtoOAExecutionEvent execution:
                TakeExecution(execution);
                break;
            case ProtoOAOrderErrorEvent or ProtoOAErrorRes when _late.Count > 0:
                RefusedLate(message);
                break;
            case ProtoOATrailingSLChangedEvent trailing:
                TakeTrailing(trailing);
                break;
            case ProtoOATraderUpdatedEvent updated:
                TakeTrader(updated.Trader, anew: false);
                break;
            case ProtoOAMarginChangedEvent margin:
                _fundsDirty |= _book.Apply(margin);
                break;
            case ProtoOASymbolChangedEvent changed:
                ReadSymbols(changed.SymbolId);
                break;
            case ProtoOAAccountsTokenInvalidatedEvent invalid when invalid.CtidTraderAccountIds.Contains(Ctid):
                TokenInvalidated(invalid.Reason);
                break;
            case ProtoOAAccountDisconnectEvent gone when gone.CtidTraderAccountId == Ctid:
                Disconnected();
                break;
        }
    }

    void IOpenApiSeat.Tick(long now)
    {
        if (_stopped)
        {
            return;
        }

        TickLife(now);
        TickOrders(now);
        TickBeats(now);
        TickMoney(now);
        TickData(now);
    }

    /// <summary>A request whose answer matters only as long as nothing begins anew meanwhile.</summary>
    private OpenApiRequest Submit(Lane lane, IMessage body, Action<OpenApiEnd> done, TimeSpan? within = null)
    {
        int round = _round;
        var request = new OpenApiRequest
        {
            Seat = this,
            Lane = lane,
            Body = body,
            AnswerWithin = within,
            Done = end =>
            {
                if (round == _round && !_stopped)
                {
                    try
                    {
                        done(end);
                    }
#pragma warning disable CA1031 // Whatever a server may say: nobody is left waiting for what its answer should have led to.
                    catch (Exception error)
#pragma warning restore CA1031
                    {
                        Broke(end, error);
                    }
                }

                // Whatever was asked for: the answer may tell that the server no longer knows the account on this line (guide §4).
                if (round == _round && !_stopped)
                {
                    ReadFailed(end.Error);
                }
            },
        };
        _connection!.Submit(request);
        return request;
    }

    /// <summary>An answer could not be made sense of: what waits for it has failed.</summary>
    private void Broke(in OpenApiEnd end, Exception error)
    {
        Hub.Counters.Add(CTraderCount.Nonsense);
        string why = $"an answer makes no sense ({end.Message?.Body?.GetType().Name ?? "none"}: {error.GetType().Name})";
        Log(CTraderLogLevel.Warning, why);
        if (_loading)
        {
            FailLoad();
            Pause(why);
        }

        _readingSymbols = false;
        if (_walk is { } walk)
        {
            EndWalk(walk, why, null);
        }

        EndFetch(_fetchNumber, new DataRefused(Refusal.Other, why));
    }

    /// <summary>Why a request has no answer, for a person.</summary>
    private static string Why(in OpenApiEnd end) => end.Kind switch
    {
        OpenApiEndKind.Failed => end.Error is { } error ? Sentence(error.Text.Length > 0 ? $"{error.Code}: {error.Text}" : error.Code) : "an error without a code",
        OpenApiEndKind.TimedOut => "no answer in time",
        _ => end.Why.Length > 0 ? end.Why : "the connection is lost",
    };

    private static CTraderError ErrorOf(OpenApiError? error) => CTraderErrors.Of(error?.Code ?? "", error?.Text ?? "");
}
