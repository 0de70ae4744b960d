using System.Globalization;
using Google.Protobuf;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;

namespace Lockstep.Simulation;

/// <content>Orders: one frame an intent, and none of them behind history.</content>
internal sealed partial class OpenApiWatch
{
    private static readonly TimeSpan WaitMost = TimeSpan.FromMilliseconds(100);

    private void Trades(Line line, long ctid, IMessage body, string id)
    {
        Given? given = null;
        if (body is ProtoOANewOrderReq order)
        {
            if (!order.HasClientOrderId || !_orderIds.Add(order.ClientOrderId))
            {
                violate("order-frames-once", $"account {ctid}: an order was sent under a clientOrderId that was used before, or under none: '{order.ClientOrderId}'");
                return;
            }

            given = OrderKey.TryFind(order.ClientOrderId, out var key) ? _given.GetValueOrDefault(key) : null;
        }
        else
        {
            // Nothing on the wire says whose it is: those that had none yet come first, in their order.
            (string, long)? about = body switch
            {
                ProtoOAClosePositionReq close => ("close", close.PositionId),
                ProtoOAAmendPositionSLTPReq stops => ("stops", stops.PositionId),
                ProtoOAAmendOrderReq amend => ("amend", amend.OrderId),
                ProtoOACancelOrderReq cancel => ("cancel", cancel.OrderId),
                _ => null,
            };
            foreach (var one in _given.Values.Where(g => g.Ctid == ctid && g.About == about).OrderBy(g => g.At))
            {
                given = one.Frames == 0 ? one : one.MayFollow && given is null ? one : given;
                if (one.Frames == 0)
                {
                    break;
                }
            }
        }

        if (given is null)
        {
            violate("frames-have-intents", $"account {ctid}: a {body.Descriptor.Name} was sent that no command waits for, or the frame before it is in doubt");
            return;
        }

        if (given.Frames == 0 && clock.Now - given.At > WaitMost && !line.IsBusySince(given.At))
        {
            violate("orders-do-not-wait", string.Create(CultureInfo.InvariantCulture, $"account {ctid}: {given.Command.Key} was on the wire {(clock.Now - given.At).TotalMilliseconds:0} ms after it was sent, and nothing was in its way"));
        }

        (given.Frames, given.Id, given.MayFollow) = (given.Frames + 1, id, false);
    }

    /// <summary>A trade request was refused. Only a lock of the moment lets a closing be tried again: that refusal is certain.</summary>
    private void Failed(string id, string code)
    {
        if (Of(id) is { Command: ReducePosition } given && code is "CONCURRENT_MODIFICATION" or "POSITION_LOCKED" or "PENDING_EXECUTION")
        {
            given.MayFollow = true;
        }
    }

    private void Executed(string id, ProtoOAExecutionEvent execution)
    {
        if (Of(id) is not { Command: ReducePosition } given || execution.Order?.OrderType == ProtoOAOrderType.StopLossTakeProfit)
        {
            return;
        }

        // A position larger than the largest order takes several.
        given.MayFollow |= execution.ExecutionType is ProtoOAExecutionType.OrderFilled;
        if (execution.ExecutionType == ProtoOAExecutionType.OrderRejected)
        {
            Failed(id, execution.ErrorCode);
        }
    }

    private Given? Of(string id) => _given.Values.FirstOrDefault(g => g.Id == id);
}
