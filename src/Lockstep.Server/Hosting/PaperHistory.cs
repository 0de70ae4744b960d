using Lockstep.Domain;
using Lockstep.Storage;

namespace Lockstep.Server.Hosting;

/// <summary>History of a paper account that no terminal and no Open API serves: its deals are those of the event log; candles and ticks its broker keeps none.</summary>
/// <param name="log">The event log.</param>
/// <param name="account">The account.</param>
internal sealed class PaperHistory(IEventLog log, AccountId account) : IAccountData
{
    private const int Page = 1_000;

    /// <inheritdoc/>
    public void Fetch(DataRequest request, Action<DataAnswer> answer)
    {
        if (request is not DealsWanted wanted)
        {
            answer(new DataRefused(Refusal.InvalidRequest, $"account '{account}' is a paper account, and simulated brokers keep no candles and ticks"));
            return;
        }

        answer(new DealsFound(Deals(wanted)));
    }

    private List<DealReport> Deals(DealsWanted wanted)
    {
        var deals = new List<DealReport>();
        long after = 0;
        while (true)
        {
            var rows = log.Events(new EventQuery { After = after, Accounts = [account], Kinds = ["deal"], Limit = Page });
            deals.AddRange(rows.Select(r => ((DealDone)r.Body).Deal).Where(d => (wanted.Position is not { } one || d.Position == one) && d.At >= wanted.From && d.At <= wanted.To));
            if (rows.Count < Page)
            {
                return deals;
            }

            after = rows[^1].Id;
        }
    }
}
