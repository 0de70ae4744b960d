using System.Buffers;
using Lockstep.CTrader.Session;
using Lockstep.CTrader.Wire;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>A client that knows no library of ours: bytes written down by hand from the table of messages, and bytes expected by hand (guide §2).</summary>
public sealed class BytesTests
{
    private const string Id = "1A 02 68 31";
    private const string Account = "10 C1 84 3D";

    [Fact] // 2104 → 2105 "91"; 2100 → 2101 with an empty payload that is there; 2102 → 2103 with nothing but the account.
    public void Sign_on_is_answered_byte_by_byte()
    {
        var hand = new Hand();
        Assert.Equal("00 00 00 0D 08 B9 10 12 04 12 02 39 31 1A 02 68 31", hand.Say("08 B8 10 12 00 " + Id));
        Assert.Equal("00 00 00 09 08 B5 10 12 00 1A 02 68 31", hand.Say("08 B4 10 12 0D 12 03 61 70 70 1A 06 73 65 63 72 65 74 " + Id));
        string token = Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(hand.World.Server.Grants.Grant("anna", true).Access));
        string length = $"{(token.Length / 2) + 6:X2} {Account} 1A {token.Length / 2:X2} ";
        Assert.Equal("00 00 00 0D 08 B7 10 12 04 10 C1 84 3D 1A 02 68 31", hand.Say("08 B6 10 12 " + length + token + Id));

        // 2124 of an empty account: the account and nothing else.
        Assert.Equal("00 00 00 0D 08 CD 10 12 04 10 C1 84 3D 1A 02 68 31", hand.Say("08 CC 10 12 04 " + Account + Id));
    }

    [Fact] // No inner payload type in front, the explicit zeros of a shell where they were recorded.
    public void An_order_by_hand_is_told_in_recorded_bytes()
    {
        var hand = new Hand();
        hand.SignOn();
        hand.Say("08 BA 10 12 13 " + Account + "18 02 20 01 28 01 30 A0 8D 06 48 03 9A 06 00 " + Id);
        hand.World.Wait(1);
        string accepted = hand.Frames[^2];
        string filled = hand.Frames[^1];

        // 2126; account, ORDER_ACCEPTED, position: its id, trade data (symbol 2, volume 0, BUY, guaranteedStopLoss 0, units ""), CREATED, swap 0, price 0.0,
        // commission 0, marginRate 0.0, mirroringCommission 0, guaranteedStopLoss 0, usedMargin 0, moneyDigits 2.
        Assert.Contains("08 CE 10 12", accepted, StringComparison.Ordinal);
        Assert.Contains(
            " 10 C1 84 3D 18 02 22 31 08 81 84 AF 5F 12 0A 08 02 10 00 18 01 30 00 42 00 18 03 20 00 29 00 00 00 00 00 00 00 00 48 00 51 00 00 00 00 00 00 00 00 58 00 60 00 68 00 78 02 2A ",
            accepted,
            StringComparison.Ordinal);
        Assert.EndsWith("50 00 1A 02 68 31", accepted, StringComparison.Ordinal);
        Assert.Contains(" 10 C1 84 3D 18 03 22 ", filled, StringComparison.Ordinal);

        // A request with a field that is in no table (99 here) is taken like any other.
        Assert.Single(hand.World.Broker.Positions);
    }

    [Fact] // A heartbeat without payload and id, as small clients write it.
    public void A_bare_heartbeat_is_enough()
    {
        var hand = new Hand();
        hand.SignOn();
        for (int i = 0; i < 10; i++)
        {
            hand.World.Wait(20);
            hand.Say("08 33");
        }

        Assert.False(hand.IsClosed);
    }

    [Fact] // 2106 without its required fields, 2 777, and what is no message at all.
    public void Broken_bytes_are_answered_by_bytes()
    {
        var hand = new Hand();
        hand.SignOn();
        Assert.Contains("49 4E 56 41 4C 49 44 5F 52 45 51 55 45 53 54", hand.Say("08 BA 10 12 04 " + Account + Id), StringComparison.Ordinal);
        Assert.Contains("55 4E 53 55 50 50 4F 52 54 45 44 5F 4D 45 53 53 41 47 45", hand.Say("08 D9 15 " + Id), StringComparison.Ordinal);
        Assert.False(hand.IsClosed);
        hand.Say("12 01");
        Assert.True(hand.IsClosed);
    }

    private sealed class Hand : ISimOpenApiClient
    {
        private readonly SimOpenApiLine _line;

        public Hand()
        {
            World = new ApiWorld();
            _line = World.Server.Connect(OpenApiEnvironment.Demo, this)!;
        }

        public ApiWorld World { get; }

        public string Remote => "by hand";

        public List<string> Frames { get; } = [];

        public bool IsClosed { get; private set; }

        public bool Send(OpenApiMessage message)
        {
            var bytes = new ArrayBufferWriter<byte>();
            SimOpenApiBytes.Write(bytes, message);
            Frames.Add(BitConverter.ToString(bytes.WrittenSpan.ToArray()).Replace('-', ' '));
            return true;
        }

        public void Close() => IsClosed = true;

        /// <summary>An envelope in; the last frame that came out.</summary>
        public string Say(string hex)
        {
            byte[] frame = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
            try
            {
                _line.Received(SimOpenApiBytes.Read(new ReadOnlySequence<byte>(frame)));
            }
            catch (OpenApiFormatException error)
            {
                _line.ReceivedNonsense(error.Message);
            }

            return Frames.LastOrDefault() ?? "";
        }

        public void SignOn()
        {
            Say("08 B4 10 12 0D 12 03 61 70 70 1A 06 73 65 63 72 65 74 " + Id);
            string token = Convert.ToHexString(System.Text.Encoding.ASCII.GetBytes(World.Server.Grants.Grant("anna", true).Access));
            Say($"08 B6 10 12 {(token.Length / 2) + 6:X2} {Account} 1A {token.Length / 2:X2} {token} {Id}");
        }
    }
}
