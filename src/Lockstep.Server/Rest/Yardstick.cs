using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Rest;

/// <summary>What an account's volumes and times are measured with: the contract sizes of its symbols, and how far its broker's clock is ahead of UTC.</summary>
/// <param name="Contracts">Units in one lot, by symbol.</param>
/// <param name="Offset">The broker's clock less UTC; null = not known.</param>
internal sealed record Yardstick(IReadOnlyDictionary<SymbolName, decimal> Contracts, TimeSpan? Offset)
{
    /// <summary>Nothing is known.</summary>
    public static readonly Yardstick None = new(new Dictionary<SymbolName, decimal>(), null);

    /// <summary>That of an account.</summary>
    public static Yardstick Of(AccountView? view, SessionHealth? health) =>
        new(view?.Symbols.DistinctBy(s => s.Name).ToDictionary(s => s.Name, s => s.ContractSize) ?? [], health?.ServerOffset);

    /// <summary>A volume in units of the base asset; null where the symbol is not known.</summary>
    public decimal? Units(SymbolName symbol, Lots lots) => Contracts.TryGetValue(symbol, out decimal contract) ? lots.Value * contract : null;

    /// <summary>A moment on the broker's clock, with its offset; null where that is not known.</summary>
    public string? Broker(Timestamp at) => Offset is { } offset
        ? at.ToDateTimeOffset().ToOffset(TimeSpan.FromMinutes(Math.Round(offset.TotalMinutes))).ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture)
        : null;
}
