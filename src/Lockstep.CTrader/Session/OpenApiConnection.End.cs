using System.Buffers;
using Lockstep.CTrader.Wire;

namespace Lockstep.CTrader.Session;

/// <content>What a wire tells. Each dialling has an end of its own: what an old wire still says reaches nobody.</content>
internal sealed partial class OpenApiConnection
{
    private sealed class End(OpenApiConnection owner) : IOpenApiWireEnd
    {
        public void Connected()
        {
            bool outermost = owner.Hub.Enter();
            try
            {
                owner.Connected(this);
            }
            finally
            {
                owner.Hub.Exit(outermost);
            }
        }

        public void Received(ReadOnlySequence<byte> frame)
        {
            OpenApiMessage? message = null;
            string? bad = null;
            try
            {
                message = OpenApiCodec.Read(frame);
            }
            catch (OpenApiFormatException error)
            {
                bad = error.Message;
            }

            bool outermost = owner.Hub.Enter();
            try
            {
                owner.Received(this, message, bad);
            }
            finally
            {
                owner.Hub.Exit(outermost);
            }
        }

        public void Closed(string why)
        {
            bool outermost = owner.Hub.Enter();
            try
            {
                owner.Closed(this, why);
            }
            finally
            {
                owner.Hub.Exit(outermost);
            }
        }
    }
}
