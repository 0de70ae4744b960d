using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Lockstep.Server.Tests.WebSockets;

/// <summary>A WebSocket client that can do everything wrong.</summary>
internal sealed class RawClient : IDisposable
{
    public const string Nonce = "dGhlIHNhbXBsZSBub25jZQ==";

    private readonly Socket _socket;
    private readonly Stream _stream;

    private RawClient(Socket socket, Stream stream) => (_socket, _stream) = (socket, stream);

    public static async Task<RawClient> OpenAsync(int port, bool tls = false)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        Stream stream = new NetworkStream(socket);
        if (tls)
        {
            var secured = new SslStream(stream, leaveInnerStreamOpen: false, (_, certificate, _, _) => certificate?.Subject == "CN=localhost");
            await secured.AuthenticateAsClientAsync("localhost");
            stream = secured;
        }

        return new RawClient(socket, stream);
    }

    /// <summary>A good handshake; with a line replaced, or left out when the replacement is empty.</summary>
    public async Task<string> HandshakeAsync(string replace = "", string with = "", string? target = null)
    {
        int port = ((IPEndPoint)_socket.RemoteEndPoint!).Port;
        string text = string.Create(CultureInfo.InvariantCulture,
            $"GET {target ?? "/ea"} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {Nonce}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: lockstep.ea.1\r\n\r\n");
        if (replace.Length > 0)
        {
            Assert.Contains(replace, text, StringComparison.Ordinal);
            text = text.Replace(replace, with, StringComparison.Ordinal);
        }

        await SendRawAsync(Encoding.Latin1.GetBytes(text));
        return await HeadAsync();
    }

    public async Task<string> HeadAsync()
    {
        var head = new StringBuilder();
        byte[] one = new byte[1];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await _stream.ReadAsync(one, patience.Token) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    public async Task SendRawAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    public Task SendAsync(string text) => SendRawAsync(Frame(0x81, Encoding.UTF8.GetBytes(text)));

    /// <summary>A frame: first byte as given, masked unless said otherwise.</summary>
    public static byte[] Frame(byte first, byte[] payload, bool masked = true)
    {
        var frame = new List<byte> { first };
        byte bit = masked ? (byte)0x80 : (byte)0;
        byte[] length = new byte[8];
        if (payload.Length < 126)
        {
            frame.Add((byte)(bit | payload.Length));
        }
        else if (payload.Length <= 65_535)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
            frame.Add((byte)(bit | 126));
            frame.AddRange(length[..2]);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
            frame.Add((byte)(bit | 127));
            frame.AddRange(length);
        }

        byte[] mask = [0x37, 0xFA, 0x21, 0x3D];
        if (masked)
        {
            frame.AddRange(mask);
        }

        frame.AddRange(payload.Select((b, i) => masked ? (byte)(b ^ mask[i & 3]) : b));
        return [.. frame];
    }

    /// <summary>The next frame; null at the end of the connection, however it came.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReceiveAsync(int seconds = 20)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        try
        {
            byte[] head = new byte[2];
            await _stream.ReadExactlyAsync(head, patience.Token);
            Assert.Equal(0, head[1] & 0x80);
            Assert.Equal(0x80, head[0] & 0xF0);
            int length = head[1];
            if (length >= 126)
            {
                byte[] more = new byte[length == 126 ? 2 : 8];
                await _stream.ReadExactlyAsync(more, patience.Token);
                length = length == 126 ? BinaryPrimitives.ReadUInt16BigEndian(more) : (int)BinaryPrimitives.ReadUInt64BigEndian(more);
            }

            byte[] payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, patience.Token);
            return (head[0] & 15, payload);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async Task<string> ReceiveTextAsync()
    {
        var frame = await ReceiveAsync();
        Assert.NotNull(frame);
        Assert.Equal(1, frame.Value.Opcode);
        return Encoding.UTF8.GetString(frame.Value.Payload);
    }

    /// <summary>Reads until the close frame; its code, 0 when the connection ended without one.</summary>
    public async Task<(int Code, string Reason)> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is { } frame)
        {
            if (frame.Opcode == 8)
            {
                return frame.Payload.Length < 2 ? (1005, "") : (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload), Encoding.UTF8.GetString(frame.Payload.AsSpan(2)));
            }
        }

        return (0, "");
    }

    /// <summary>Ends with a reset, as a machine that crashed and came back does.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }
}
