using System.Security.Cryptography;
using System.Text;
using Lockstep.Domain;
using Lockstep.MetaTrader.Translate;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Session;

/// <content>Who may come in.</content>
public sealed partial class TerminalHub
{
    private const long NumberMost = long.MaxValue / 2;
    private readonly Lock _refusalGate = new();
    private Allowance _refusals;

    /// <summary>The first message of a connection: hello, or it goes.</summary>
    internal void Greet(TerminalLink link, LinkMessage message)
    {
        if (!link.MayGreet())
        {
            return;
        }

        switch (message)
        {
            case HelloMessage hello:
                Counters.Add(TerminalCount.Hellos);
                Check(link, hello);
                break;
            case BadMessage bad:
                Counters.Add(TerminalCount.BadMessages);
                Expel(link, RefusedCodes.Malformed, bad.Why, 30_000);
                break;
            default:
                Counters.Add(TerminalCount.WrongOrder);
                Expel(link, RefusedCodes.Order, "hello comes first", 1_000);
                break;
        }
    }

    /// <summary>Says why, closes, and forgets the link. For a link of a session, the session hears of it.</summary>
    internal void Expel(TerminalLink link, string code, string why, int wait, TerminalSession? session = null)
    {
        Counters.AddRefused(code);
        if (MayLogRefusal())
        {
            // A malformed hello may have a key in the part that is wrong: its reason goes back to its sender and to nobody else.
            Log(TerminalLogLevel.Warning, session?.Account ?? link.Session?.Account, link.Remote, code == RefusedCodes.Malformed ? "refused: malformed" : $"refused: {code}: {why}");
        }

        Forget(link);
        if (!link.IsGone)
        {
            link.Write(new RefusedMessage(code, why, wait));
        }

        link.CloseTransport(1008, code);
        link.Closed(code == RefusedCodes.Rate ? "too many messages" : code);
    }

    /// <summary>More messages than a terminal sends.</summary>
    internal void TooFast(TerminalLink link)
    {
        Counters.Add(TerminalCount.RateLimited);
        string why = $"more than {Options.MessagesPerSecond} messages a second";
        if (link.Session is { } session)
        {
            session.Expel(link, RefusedCodes.Rate, why);
        }
        else if (link.MayGreet())
        {
            Expel(link, RefusedCodes.Rate, why, 5_000);
        }
    }

    private void Check(TerminalLink link, HelloMessage hello)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(hello.Key), hash);
        if (Find(hash) is not { } found)
        {
            Expel(link, RefusedCodes.WrongKey, "this key is not known here", 30_000);
            return;
        }

        var (session, key) = found;
        if (key.Refusal is { } refusal)
        {
            // An EA that takes no keys reads its file again after this code only.
            Expel(link, key.IsExpired && hello.TakesKeys ? RefusedCodes.ExpiredKey : RefusedCodes.WrongKey, refusal, 30_000, session);
            return;
        }

        // From here on the terminal has shown that it belongs here: what its own key is bound to is no secret to it.
        var account = session.Settings;
        if (hello.Login != account.Login)
        {
            Expel(link, RefusedCodes.WrongLogin, $"this key is bound to account {account.Login} on {account.Server}", 30_000, session);
        }
        else if (!string.Equals(hello.Server, account.Server, StringComparison.OrdinalIgnoreCase))
        {
            Expel(link, RefusedCodes.WrongServer, $"this key is bound to account {account.Login} on {account.Server}", 30_000, session);
        }
        else if (hello.Platform != (account.Platform == PlatformKind.Mt4 ? "mt4" : "mt5"))
        {
            Expel(link, RefusedCodes.WrongPlatform, $"this key is bound to an account on {account.Platform}", 30_000, session);
        }
        else if (Reports.ModeOf(hello.Mode) is not { } mode || (account.Mode is { } wanted && wanted != mode && !CannotKnow(account, mode)))
        {
            Expel(link, RefusedCodes.WrongMode, account.Mode is { } must ? $"the account is configured as {must}" : "the mode is not known", 30_000, session);
        }
        else if (hello.Version < 1)
        {
            Expel(link, RefusedCodes.Version, "version 1 is spoken here", 60_000, session);
        }
        else if (!account.Enabled)
        {
            Expel(link, RefusedCodes.Disabled, "the account is disabled", 30_000, session);
        }
        else if (Problem(hello) is { } problem)
        {
            Expel(link, RefusedCodes.Malformed, problem, 30_000, session);
        }
        else
        {
            Forget(link);
            session.Admit(link, hello, key.Id);
        }
    }

    // MT4 has no word for FIFO: the EA learns of it when the broker refuses something, and the person who configures the account knows before.
    private static bool CannotKnow(TerminalAccount account, AccountMode told) =>
        account is { Platform: PlatformKind.Mt4, Mode: AccountMode.Fifo } && told == AccountMode.Hedging;

    private static string? Problem(HelloMessage hello) =>
        hello.Terminal.Length != 16 || !hello.Terminal.All(char.IsAsciiHexDigit) ? "terminal must be 16 hex digits"
        : hello.Role is not ("monitor" or "executor" or "both") ? "role must be monitor, executor or both"
        : hello.Epoch < 0 || hello.Acked < 0 || hello.First < 0 || hello.Last < 0 ? "epoch and event numbers must not be negative"
        : hello.Acked > hello.Last || hello.First > hello.Last + 1 || hello.Last > NumberMost ? "acked, first and last do not go together"
        : !ServerClock.IsSane(hello.Offset) ? $"offset {hello.Offset} cannot be"
        : null;

    private bool MayLogRefusal()
    {
        lock (_refusalGate)
        {
            return _refusals.Take(Mono);
        }
    }
}
