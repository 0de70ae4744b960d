using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.CTrader.Session;

/// <content>Questions for the accounts of a token: they hold the connection open as a seat does, and need no account.</content>
internal sealed partial class OpenApiConnection
{
    private readonly List<Listing> _listings = [];

    /// <summary>Asks which accounts a token covers; dials if need be. The answer comes outside the lock.</summary>
    public void List(string accessToken, Action<CtidAccounts> answer)
    {
        Hub.Begin();
        try
        {
            long now = Hub.Mono;
            if (_isRefused && _state is OpenApiLineState.Idle or OpenApiLineState.Waiting && _dialAt > now)
            {
                string problem = _problem!;
                Hub.Outside(() => answer(new CtidAccounts([], problem)));
                return;
            }

            var listing = new Listing(accessToken, answer, now + Ms(Hub.Options.ListWithin));
            _listings.Add(listing);
            if (IsReady)
            {
                Submit(listing, now);
            }
            else
            {
                Want(now);
            }
        }
        finally
        {
            Hub.End();
        }
    }

    private void SubmitListings(long now)
    {
        foreach (var listing in _listings)
        {
            Submit(listing, now);
        }
    }

    private void Submit(Listing listing, long now)
    {
        listing.IsAsked = true;
        Take(
            new OpenApiRequest
            {
                Seat = null,
                Lane = Lane.Read,
                Body = new ProtoOAGetAccountListByAccessTokenReq { AccessToken = listing.Token },
                NotAfter = listing.Until,
                AnswerWithin = TimeSpan.FromMilliseconds(Math.Max(1, listing.Until - now)),
                Done = end => Ended(listing, end),
            },
            now);
    }

    private void Ended(Listing listing, OpenApiEnd end)
    {
        listing.IsAsked = false;
        switch (end)
        {
            case { Kind: OpenApiEndKind.Answered, Message.Body: ProtoOAGetAccountListByAccessTokenRes found }:
                Tell(listing, Accounts(found));
                break;
            case { Kind: OpenApiEndKind.Failed }:
                Tell(listing, new CtidAccounts([], end.Why));
                break;
            case { Kind: OpenApiEndKind.Lost or OpenApiEndKind.NotSent } when _listings.Contains(listing):
                // Only a question: asked again when the line is back, as long as there is time.
                listing.Problem = end.Why;
                if (IsReady && Hub.Mono < listing.Until)
                {
                    Submit(listing, Hub.Mono);
                }

                break;
            default:
                Tell(listing, new CtidAccounts([], end.Why));
                break;
        }
    }

    private void TickListings(long now)
    {
        for (int i = _listings.Count - 1; i >= 0; i--)
        {
            if (!_listings[i].IsAsked && now >= _listings[i].Until)
            {
                Tell(_listings[i], new CtidAccounts([], $"no connection: {_problem ?? _listings[i].Problem ?? "no answer"}"));
            }
        }
    }

    private void EndListings(string why)
    {
        while (_listings.Count > 0)
        {
            Tell(_listings[0], new CtidAccounts([], why));
        }
    }

    private void Tell(Listing listing, CtidAccounts accounts)
    {
        if (_listings.Remove(listing))
        {
            var clean = accounts.Problem is { } problem ? accounts with { Problem = CTraderHub.Clean(CTraderHub.Clean(problem, listing.Token), Hub.Application.ClientSecret) } : accounts;
            Hub.Outside(() => listing.Answer(clean));
            Unwant(Hub.Mono);
        }
    }

    private static CtidAccounts Accounts(ProtoOAGetAccountListByAccessTokenRes found) => new(
        [.. found.CtidTraderAccount.Where(a => a.CtidTraderAccountId is > 0 and <= long.MaxValue).Select(a => new CtidAccount((long)a.CtidTraderAccountId, a.IsLive, a.TraderLogin, a.BrokerTitleShort))],
        null)
    {
        ViewOnly = found.HasPermissionScope && found.PermissionScope == ProtoOAClientPermissionScope.ScopeView,
    };

    private sealed class Listing(string token, Action<CtidAccounts> answer, long until)
    {
        public string Token { get; } = token;

        public Action<CtidAccounts> Answer { get; } = answer;

        public long Until { get; } = until;

        public bool IsAsked { get; set; }

        public string? Problem { get; set; }
    }
}
