using Lockstep.Domain;

namespace Lockstep.CTrader.Session;

/// <summary>The platform port of an account that the Open API serves.</summary>
public sealed partial class CTraderSession : IAccountSession, IAccountData
{
    internal CTraderSession(CTraderHub hub, CTraderAccount settings, long firstEpoch)
    {
        (Hub, Settings) = (hub, settings);
        Epoch = firstEpoch - 1;
    }

    /// <summary>The account.</summary>
    public AccountId Account => Settings.Id;

    internal CTraderHub Hub { get; }

    internal CTraderAccount Settings { get; }

    internal long Epoch { get; private set; }

    /// <summary>How it stands, for a person: <c>live</c>, <c>waiting for a token</c>, <c>authorising</c>, <c>refused: …</c>.</summary>
    public string Standing { get; private set; } = "not started";

    /// <summary>Symbols that must be quoted, whatever the size of the catalogue.</summary>
    public void Watch(IReadOnlyList<SymbolName> symbols)
    {
    }

    /// <inheritdoc/>
    public void Start(ISessionSink sink)
    {
    }

    /// <inheritdoc/>
    public void Send(OrderCommand command)
    {
    }

    /// <inheritdoc/>
    public void Ask(AskId ask, Timestamp historyFrom)
    {
    }

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer) => answer(new DataRefused(Refusal.NotSent, "no session"));

    /// <inheritdoc/>
    public void Stop()
    {
        lock (Hub.Gate)
        {
            Hub.Release(this);
        }
    }
}
