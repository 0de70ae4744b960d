using Lockstep.CTrader.Translate;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Coming up: trader, assets, symbols, the whole state, conversion, spots (guide §9–§11).</content>
public sealed partial class CTraderSession
{
    private int _parts;
    private bool _loading;

    private void Load()
    {
        Standing = "reading the account";
        _loading = true;

        // From here on events wait for the whole state: one of them may be in it already.
        _since = [];
        _parts = 3;
        Read(new ProtoOATraderReq { CtidTraderAccountId = Ctid }, "trader", end =>
        {
            TakeTrader(((ProtoOATraderRes)end.Message!.Body!).Trader, anew: true);
            Loaded();
        });
        Read(new ProtoOAAssetListReq { CtidTraderAccountId = Ctid }, "assets", end =>
        {
            _catalogue.Assets(((ProtoOAAssetListRes)end.Message!.Body!).Asset);
            Loaded();
        });
        Read(new ProtoOASymbolsListReq { CtidTraderAccountId = Ctid }, "symbols", end =>
        {
            _catalogue.List(((ProtoOASymbolsListRes)end.Message!.Body!).Symbol);
            Loaded();
        });
        Submit(Lane.Read, new ProtoOAVersionReq(), end =>
        {
            if (end.Message?.Body is ProtoOAVersionRes version)
            {
                _peer = "Open API " + Sentence(version.Version);
            }
        });

        void Loaded()
        {
            if (--_parts == 0)
            {
                LoadDetails();
            }
        }
    }

    private void LoadDetails()
    {
        var ids = _catalogue.Symbols.Keys.ToArray();
        _parts = (ids.Length + DetailsBatch - 1) / DetailsBatch;
        if (_parts == 0)
        {
            LoadState();
            return;
        }

        foreach (var batch in ids.Chunk(DetailsBatch))
        {
            Read(DetailsOf(batch), "symbol details", end =>
            {
                _catalogue.Details(((ProtoOASymbolByIdRes)end.Message!.Body!).Symbol);
                if (--_parts == 0)
                {
                    LoadState();
                }
            });
        }
    }

    private void LoadState()
    {
        TellProblems();
        Read(new ProtoOAReconcileReq { CtidTraderAccountId = Ctid, ReturnProtectionOrders = true }, "positions and orders", end =>
        {
            var change = new Change();
            _book.Adopt((ProtoOAReconcileRes)end.Message!.Body!, _since ?? [], change, Hub.Now);
            _since = null;
            _loading = false;
            Noticed(change);
            LoadMarket();
        });
    }

    /// <summary>Conversion first, so that its symbols are quoted with the others; the session opens when the answer to the subscription is there.</summary>
    private void LoadMarket()
    {
        var assets = MissingAssets().ToArray();
        int parts = assets.Length;
        if (parts == 0)
        {
            LoadSpots();
            return;
        }

        foreach (long asset in assets)
        {
            AskChain(asset, () =>
            {
                if (--parts == 0)
                {
                    LoadSpots();
                }
            });
        }
    }

    private void LoadSpots()
    {
        var wanted = MissingSpots().ToArray();
        if (wanted.Length == 0)
        {
            OpenSession();
            return;
        }

        Subscribe(wanted, OpenSession);
    }

    /// <summary>A read without which the account cannot be served.</summary>
    private void Read(Google.Protobuf.IMessage body, string what, Action<OpenApiEnd> answered) => Submit(Lane.Read, body, end =>
    {
        if (end.Kind == OpenApiEndKind.Answered && end.Message?.Body is not null)
        {
            answered(end);
            return;
        }

        if (IsUnknown(end))
        {
            Unloaded(what, end);
            return;
        }

        // Another read of the same moment may say that the account is not known any more, and is not heard: the next attempt authenticates first. Who is still known is told so.
        FailLoad();
        _authorised = false;
        Log(CTraderLogLevel.Warning, $"{what} could not be read: {Why(end)}");
        Pause($"reading {what}: {Why(end)}", end.Error?.RetryAfter);
        if (end.Kind == OpenApiEndKind.TimedOut)
        {
            Mute($"{what} could not be read");
        }
    });

    /// <summary>The server does not know the account's session on this line.</summary>
    private static bool IsUnknown(in OpenApiEnd end) => end.Kind == OpenApiEndKind.Failed && ErrorOf(end.Error) is { Class: CTraderErrorClass.Reauth };

    /// <summary>The account's session ended before it was up: it authenticates again, and after a pause, so that a server that forgets again and again is not asked without end.</summary>
    private void Unloaded(string what, in OpenApiEnd end)
    {
        FailLoad();
        _connection!.Withdraw(this);
        _authorised = false;
        Pause($"reading {what}: {Why(end)}", end.Error?.RetryAfter);
    }

    private void FailLoad()
    {
        // Whatever else is under way belongs to an attempt that is over.
        _round++;
        (_loading, _readingSymbols, _since) = (false, false, null);
    }
}
