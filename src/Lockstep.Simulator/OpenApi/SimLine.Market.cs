using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator;

/// <content>Subscriptions (guide §11): spots, live trendbars, depth.</content>
internal sealed partial class SimLine
{
    /// <summary>False = no request for a subscription.</summary>
    private bool HandleMarket(IMessage body, string? id, SimDesk desk)
    {
        try
        {
            switch (body)
            {
                case ProtoOASubscribeSpotsReq request:
                    desk.Market.CheckSpots(this, request.SymbolId);
                    var answer = desk.Unknown(new ProtoOASubscribeSpotsRes { CtidTraderAccountId = desk.Ctid }, [0x18, 0x01]);
                    if (!Server.Faults.SpotBeforeAnswer)
                    {
                        Say(answer, id);
                    }

                    desk.Market.SubscribeSpots(this, request.SymbolId, request.SubscribeToSpotTimestamp);
                    if (Server.Faults.SpotBeforeAnswer)
                    {
                        Say(answer, id);
                    }

                    return true;
                case ProtoOAUnsubscribeSpotsReq request:
                    desk.Market.UnsubscribeSpots(this, request.SymbolId);
                    Say(new ProtoOAUnsubscribeSpotsRes { CtidTraderAccountId = desk.Ctid }, id);
                    return true;
                case ProtoOASubscribeLiveTrendbarReq request:
                    desk.Market.SubscribeBars(this, request.SymbolId, request.Period);
                    Say(new ProtoOASubscribeLiveTrendbarRes { CtidTraderAccountId = desk.Ctid }, id);
                    return true;
                case ProtoOAUnsubscribeLiveTrendbarReq request:
                    desk.Market.UnsubscribeBars(this, request.SymbolId, request.Period);
                    Say(new ProtoOAUnsubscribeLiveTrendbarRes { CtidTraderAccountId = desk.Ctid }, id);
                    return true;
                case ProtoOASubscribeDepthQuotesReq request:
                    desk.Market.CheckDepth(this, request.SymbolId);
                    Say(new ProtoOASubscribeDepthQuotesRes { CtidTraderAccountId = desk.Ctid }, id);
                    desk.Market.SubscribeDepth(this, request.SymbolId);
                    return true;
                case ProtoOAUnsubscribeDepthQuotesReq request:
                    desk.Market.UnsubscribeDepth(this, request.SymbolId);
                    Say(new ProtoOAUnsubscribeDepthQuotesRes { CtidTraderAccountId = desk.Ctid }, id);
                    return true;
                default:
                    return false;
            }
        }
        catch (SimRefusal refusal)
        {
            Refuse(id, refusal.Code, refusal.Message, desk.Ctid);
            return true;
        }
    }
}
