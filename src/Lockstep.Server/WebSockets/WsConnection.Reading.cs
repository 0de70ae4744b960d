using System.Buffers;
using System.IO.Pipelines;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.Server.WebSockets;

/// <content>The reading loop.</content>
internal sealed partial class WsConnection
{
    private async Task<string> ReadAsync(PipeReader input, WsReader frames, IWsLink link)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var bytes = result.Buffer;
            string? why;
            bool refused;

            link.Reading(begins: true);
            try
            {
                why = Take(frames, ref bytes, link, out refused);
            }
            finally
            {
                link.Reading(begins: false);
            }

            if (refused)
            {
                // Whatever else comes is read and dropped: closing over unread bytes would reset the connection, and our reason with it.
                while (!result.IsCompleted && !result.IsCanceled)
                {
                    input.AdvanceTo(result.Buffer.End);
                    result = await input.ReadAsync();
                }

                bytes = result.Buffer.Slice(result.Buffer.End);
            }

            input.AdvanceTo(bytes.Start, bytes.End);
            if (why is not null || result.IsCompleted || result.IsCanceled)
            {
                return why ?? "the other side went away";
            }
        }
    }

    /// <summary>Takes all that is whole; not null when the connection is over.</summary>
    private string? Take(WsReader frames, ref ReadOnlySequence<byte> bytes, IWsLink link, out bool refused)
    {
        refused = false;
        while (true)
        {
            var came = frames.Read(ref bytes);
            switch (came.Kind)
            {
                case WsEventKind.None:
                    return null;
                case WsEventKind.Message:
                    // After our close nothing counts any more but the other side's answer to it.
                    if (!_closing)
                    {
                        link.Received(came.Payload);
                    }

                    break;
                case WsEventKind.Ping:
                    Put(WsOpcode.Pong, came.Payload, closing: false);
                    break;
                case WsEventKind.Close:
                    Answer(came.Code);
                    return came.Code == WsClose.NoCode ? "closed by the other side" : $"closed by the other side: {came.Code} {came.Reason}";
                case WsEventKind.Error:
                    refused = true;
                    Close(came.Code, came.Reason);
                    return came.Reason;
                default:
                    break;
            }
        }
    }

    // RFC 6455 §5.5.1: the answer repeats the code, and no code is answered by none.
    private void Answer(int code)
    {
        Span<byte> frame = stackalloc byte[WsFrames.MaxHeader + WsFrames.MaxControl];
        int size = code == WsClose.NoCode ? WsFrames.Write(frame, WsOpcode.Close, default) : WsFrames.WriteClose(frame, code, "");
        Put(frame[..size], closing: true);
    }
}
