using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>
/// What an event changed in a book, for those who tell the world of it. Not a decision: nothing is carried out by it and no state follows from it. In the order in which the book was changed.
/// </summary>
/// <param name="Account">The account.</param>
public abstract record BookMove(AccountId Account);

/// <summary>A position was opened (<paramref name="Before"/> is null), changed, or closed (<paramref name="Now"/> is null).</summary>
/// <param name="Account">The account.</param>
/// <param name="Before">As it was believed to be.</param>
/// <param name="Now">As it is.</param>
/// <param name="Deals">The deals that the report brought, of all positions.</param>
public sealed record PositionMove(AccountId Account, PositionReport? Before, PositionReport? Now, IReadOnlyList<DealReport> Deals) : BookMove(Account);

/// <summary>A pending order was placed (<paramref name="Before"/> is null), changed, or is gone (<paramref name="Now"/> is null): filled, cancelled or expired.</summary>
/// <param name="Account">The account.</param>
/// <param name="Before">As it was believed to be.</param>
/// <param name="Now">As it is.</param>
public sealed record OrderMove(AccountId Account, PendingReport? Before, PendingReport? Now) : BookMove(Account);

/// <summary>Deals were reported.</summary>
/// <param name="Account">The account.</param>
/// <param name="Deals">The deals; with a snapshot, some that were reported before.</param>
/// <param name="Again">They stand in a snapshot: most of them were told before.</param>
/// <param name="Past">They stand in the first snapshot of the account: they were done before anybody here knew it.</param>
public sealed record DealsMove(AccountId Account, IReadOnlyList<DealReport> Deals, bool Again, bool Past) : BookMove(Account);

/// <summary>The session came up, its book was taken in (<paramref name="Synced"/>), or it was lost.</summary>
/// <param name="Account">The account.</param>
/// <param name="Up">A session is up.</param>
/// <param name="Synced">The book can be traded on.</param>
/// <param name="Epoch">Number of the session.</param>
/// <param name="Reason">Why it was lost; empty when it was not.</param>
public sealed record SessionMove(AccountId Account, bool Up, bool Synced, long Epoch, string Reason) : BookMove(Account);
