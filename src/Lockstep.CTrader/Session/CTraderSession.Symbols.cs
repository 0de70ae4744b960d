using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <content>Symbols that changed are read again, while the session goes on.</content>
public sealed partial class CTraderSession
{
    /// <summary>Symbols whose details are asked for at once.</summary>
    private const int DetailsBatch = 200;

    private readonly HashSet<long> _changedSymbols = [];
    private long _symbolsAt = Never;
    private bool _readingSymbols;

    private ProtoOASymbolByIdReq DetailsOf(IEnumerable<long> ids)
    {
        var request = new ProtoOASymbolByIdReq { CtidTraderAccountId = Ctid };
        request.SymbolId.AddRange(ids);
        return request;
    }

    /// <summary>2120, or a symbol that is in no list: the lists are read again, and the details of those that changed. One reading at a time; what changes meanwhile is read after it.</summary>
    private void ReadSymbols(IEnumerable<long> ids)
    {
        _changedSymbols.UnionWith(ids);
        if (!_authorised || _loading || _readingSymbols)
        {
            return;
        }

        _readingSymbols = true;
        _symbolsAt = Never;
        var changed = new HashSet<long>(_changedSymbols);
        _changedSymbols.Clear();
        Submit(Lane.Read, new ProtoOASymbolsListReq { CtidTraderAccountId = Ctid }, end =>
        {
            _readingSymbols = false;
            if (end.Message?.Body is not ProtoOASymbolsListRes list)
            {
                Log(CTraderLogLevel.Warning, $"the symbols could not be read again: {Why(end)}");
                ReadSymbolsLater(changed);
                return;
            }

            var before = _catalogue.Symbols.Keys.ToHashSet();
            if (_catalogue.List(list.Symbol))
            {
                // Names are what everything above knows symbols by: nothing that was told holds any more.
                SessionLost("a symbol has another name");
                return;
            }

            changed.UnionWith(_catalogue.Symbols.Keys.Where(id => !before.Contains(id)));
            changed.IntersectWith(_catalogue.Symbols.Keys);
            foreach (var batch in changed.Chunk(DetailsBatch))
            {
                Submit(Lane.Read, DetailsOf(batch), details =>
                {
                    if (details.Message?.Body is ProtoOASymbolByIdRes found)
                    {
                        TakeDetails(found);
                    }
                    else
                    {
                        ReadSymbolsLater(batch);
                    }
                });
            }

            if (_changedSymbols.Count > 0)
            {
                ReadSymbols([]);
            }
        });
    }

    private void ReadSymbolsLater(IEnumerable<long> ids)
    {
        _changedSymbols.UnionWith(ids);
        _symbolsAt = Hub.Mono + 30_000;
    }

    private void TakeDetails(ProtoOASymbolByIdRes found)
    {
        var specs = _catalogue.Details(found.Symbol);
        TellProblems();
        if (_open && specs.Count > 0)
        {
            Report(new SymbolsChanged { Account = Account, Epoch = Epoch, Symbols = specs });
        }

        EnsureMarket();
        if (_missed)
        {
            // What an event told about a symbol that was not known is in the whole state.
            _missed = false;
            Differs();
        }
    }

    private void TellProblems()
    {
        foreach (string problem in _catalogue.Problems)
        {
            Log(CTraderLogLevel.Warning, Sentence(problem));
        }

        _catalogue.Problems.Clear();
    }
}
