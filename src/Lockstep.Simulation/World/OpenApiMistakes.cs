using System.Buffers;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;
using Lockstep.CTrader.Wire.Proto;
using Lockstep.Domain;
using Lockstep.Simulator;

namespace Lockstep.Simulation;

/// <summary>Mistakes planted between the connector and its wires: what a worse connector would send, or not hear.</summary>
/// <param name="plant">The mistake.</param>
/// <param name="dialer">The way to the server.</param>
/// <param name="clock">The world's.</param>
/// <param name="refresh">Refreshes the tokens.</param>
internal sealed class OpenApiMistakes(EdgePlant plant, IOpenApiDialer dialer, ISimClock clock, Action refresh) : IOpenApiDialer
{
    private static readonly TimeSpan Deaf = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, (Line Line, long Ctid, byte[] Frame)> _open = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IOpenApiWire Dial(OpenApiEnvironment environment, IOpenApiWireEnd end)
    {
        var line = new Line(this, end);
        line.Wire = dialer.Dial(environment, line);
        return line;
    }

    private static OpenApiMessage Read(ReadOnlySpan<byte> frame)
    {
        var buffer = new ReadOnlySequence<byte>(frame.ToArray());
        return OpenApiCodec.TryTakeFrame(ref buffer, out var body) ? OpenApiCodec.Read(body) : throw new InvalidOperationException("not one whole frame");
    }

    private sealed class Line(OpenApiMistakes all, IOpenApiWireEnd end) : IOpenApiWire, IOpenApiWireEnd
    {
        private readonly Dictionary<long, Timestamp> _deafUntil = [];

        public IOpenApiWire? Wire { get; set; }

        private EdgePlant Plant => all.Plant;

        public bool Send(ReadOnlySpan<byte> frame)
        {
            if (Plant is EdgePlant.OneLevel or EdgePlant.ResendOnReconnect)
            {
                var message = Read(frame);
                if (Plant == EdgePlant.OneLevel && message.Body is ProtoOAAmendPositionSLTPReq { HasStopLoss: true, HasTakeProfit: true } levels)
                {
                    levels.ClearTakeProfit();
                    var buffer = new ArrayBufferWriter<byte>();
                    OpenApiCodec.Write(buffer, levels, message.ClientMsgId);
                    return Wire!.Send(buffer.WrittenSpan);
                }

                if (Plant == EdgePlant.ResendOnReconnect && message.Body is ProtoOANewOrderReq order)
                {
                    all._open[message.ClientMsgId!] = (this, order.CtidTraderAccountId, frame.ToArray());
                }
            }

            return Wire!.Send(frame);
        }

        public void Close() => Wire!.Close();

        public void Connected() => end.Connected();

        public void Closed(string why) => end.Closed(why);

        public void Received(ReadOnlySequence<byte> frame)
        {
            var message = OpenApiCodec.Read(frame);
            if (Plant == EdgePlant.LosePushes && IsLost(message))
            {
                return;
            }

            end.Received(frame);
            if (Plant == EdgePlant.RefreshOn2147 && message.Body is ProtoOAAccountsTokenInvalidatedEvent)
            {
                all.Refresh();
            }
            else if (Plant == EdgePlant.ResendOnReconnect)
            {
                Again(message);
            }
        }

        private bool IsLost(OpenApiMessage message)
        {
            switch (message.Body)
            {
                case ProtoOAAccountAuthRes account:
                    _deafUntil[account.CtidTraderAccountId] = all.Now + Deaf;
                    return false;
                case ProtoOAExecutionEvent e:
                    return _deafUntil.TryGetValue(e.CtidTraderAccountId, out var until) && all.Now < until;
                default:
                    return false;
            }
        }

        private void Again(OpenApiMessage message)
        {
            if (message.ClientMsgId is { } id && message.Body is ProtoOAExecutionEvent or ProtoOAOrderErrorEvent or ProtoOAErrorRes)
            {
                all._open.Remove(message.ClientMsgId);
            }

            if (message.Body is ProtoOAReconcileRes state)
            {
                foreach (var (asked, order) in all._open.Where(o => o.Value.Ctid == state.CtidTraderAccountId && o.Value.Line != this).OrderBy(o => o.Key, StringComparer.Ordinal).ToArray())
                {
                    all._open.Remove(asked);
                    Wire!.Send(order.Frame);
                }
            }
        }
    }

    private EdgePlant Plant => plant;

    private Timestamp Now => clock.Now;

    private void Refresh() => refresh();
}
