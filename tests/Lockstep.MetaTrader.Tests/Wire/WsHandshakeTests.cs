using System.Text;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

public class WsHandshakeTests
{
    // RFC 6455 §1.3.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";
    private const string Good = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: lockstep.ea.1\r\n\r\n";

    [Fact]
    public void The_proof_is_the_one_of_the_standard()
    {
        Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", WsHandshake.Accept(Key));
        Assert.Equal(Key, WsHandshake.Key("the sample nonce"u8));
    }

    [Theory]
    [InlineData("/ea")]
    [InlineData("http://example.org:8080/ea")]
    public void The_request_asks_for_the_protocol(string target) => Assert.Equal(
        $"GET {target} HTTP/1.1\r\nHost: example.org:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {Key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: lockstep.ea.1\r\n\r\n",
        Encoding.ASCII.GetString(WsHandshake.Request("example.org:8080", target, Key)));

    [Theory]
    [InlineData("a b", "/ea")]
    [InlineData("a", "/ea\r\nX: y")]
    public void Nothing_is_put_into_the_request_that_does_not_belong(string host, string target) => Assert.Throws<ArgumentException>(() => WsHandshake.Request(host, target, Key));

    [Fact]
    public void A_reply_is_open_when_it_is_whole()
    {
        byte[] bytes = [.. Encoding.ASCII.GetBytes(Good), 0x81, 0x00];
        for (int i = 0; i < bytes.Length - 2; i++)
        {
            Assert.Equal(WsReply.More, WsHandshake.Check(bytes.AsSpan(0, i), Key, out int none, out _));
            Assert.Equal(0, none);
        }

        Assert.Equal(WsReply.Open, WsHandshake.Check(bytes, Key, out int used, out string why));
        Assert.Equal((bytes.Length - 2, ""), (used, why));
    }

    [Theory]
    [InlineData("Upgrade: websocket", "UPGRADE:WebSocket  ")]
    [InlineData("Connection: Upgrade", "connection: keep-alive, upgrade")]
    [InlineData("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade")]
    [InlineData("HTTP/1.1 101 Switching Protocols", "HTTP/1.1 101")]
    public void Names_and_words_have_no_case(string part, string instead) =>
        Assert.Equal(WsReply.Open, WsHandshake.Check(Encoding.ASCII.GetBytes(Good.Replace(part, instead, StringComparison.Ordinal)), Key, out _, out _));

    [Theory]
    [InlineData("101 Switching Protocols", "503 Service Unavailable", "the server answered: HTTP/1.1 503 Service Unavailable")]
    [InlineData("101 Switching Protocols", "1010 x", "the server answered")]
    [InlineData("HTTP/1.1", "HTTP/1.0", "the server answered")]
    [InlineData("Upgrade: websocket", "Upgrade: h2c", "websocket")]
    [InlineData("Connection: Upgrade", "Connection: close", "connection")]
    [InlineData("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "s3pPLMBiTxaQ9kYGzzhZRbK+xOp=", "proof")]
    [InlineData("lockstep.ea.1", "lockstep.ea.2", "lockstep.ea.1")]
    [InlineData("Sec-WebSocket-Protocol: lockstep.ea.1\r\n", "", "lockstep.ea.1")]
    [InlineData("Connection: Upgrade", "Connection: Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate", "extensions")]
    [InlineData("Connection: Upgrade", "Connection: Upgrade\r\nno colon", "header")]
    public void A_reply_that_is_not_as_it_must_be_is_refused(string part, string instead, string why)
    {
        Assert.Equal(WsReply.Refused, WsHandshake.Check(Encoding.ASCII.GetBytes(Good.Replace(part, instead, StringComparison.Ordinal)), Key, out _, out string reason));
        Assert.Contains(why, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reply_without_an_end_is_not_gathered_for_ever()
    {
        byte[] bytes = new byte[WsHandshake.MaxReply];
        bytes.AsSpan().Fill((byte)'a');
        Assert.Equal(WsReply.More, WsHandshake.Check(bytes.AsSpan(1), Key, out _, out _));
        Assert.Equal(WsReply.Refused, WsHandshake.Check(bytes, Key, out _, out _));
    }
}
