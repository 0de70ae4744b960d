using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Lockstep.CTrader.Wire.Proto;

namespace Lockstep.Simulator.Tests.OpenApi;

/// <summary>Whatever a client asks: it gets an answer, nothing breaks, and the books add up.</summary>
public sealed class FuzzTests
{
    private static readonly long[] Numbers = [0, 1, 2, 4, 5, 100, 100_000, 1_000_000, -1, long.MaxValue, long.MinValue, 200_000_001, 300_000_001, 400_000_001, 2_147_483_646_000, 1_767_607_200_000, 1_101];
    private static readonly double[] Prices = [0d, 1.09, 1.1001, 1.11, -1d, double.NaN, double.NegativeInfinity, double.MaxValue, double.Epsilon, 1e9, 1.123456789];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Requests_of_any_kind_with_any_values_are_survived(int seed)
    {
        var world = new ApiWorld(new SimOpenApiSettings { Applications = [new("app", "secret", [])], RequestsPerSecond = 0, HistoryPerSecond = 0 }, seed == 3 ? Domain.AccountMode.Netting : Domain.AccountMode.Hedging);
        var client = world.Ready();
        string token = world.Server.Grants.Grant("anna", trading: true).Access;
        var random = new SimRandom((ulong)seed);
        var kinds = OpenApiMessagesReflection.Descriptor.MessageTypes.Where(m => m.Name.EndsWith("Req", StringComparison.Ordinal)).ToList();
        for (int i = 0; i < 1_500; i++)
        {
            // Orders are what can do harm: half of all requests are trade requests.
            var kind = random.Chance(50) ? random.Pick<MessageDescriptor>([ProtoOANewOrderReq.Descriptor, ProtoOAAmendOrderReq.Descriptor, ProtoOAClosePositionReq.Descriptor, ProtoOAAmendPositionSLTPReq.Descriptor, ProtoOACancelOrderReq.Descriptor]) : random.Pick(kinds);
            var body = Any(kind, random);
            int before = client.Heard.Count;
            string id = client.Send(body);
            world.Wait(0.2);
            Assert.True(client.Heard.Skip(before).Any(m => m.ClientMsgId == id), $"{kind.Name} {body}");
            Assert.False(client.IsClosed);
            if (body is ProtoOAAccountLogoutReq)
            {
                client.Send(new ProtoOAAccountAuthReq { CtidTraderAccountId = ApiWorld.Demo, AccessToken = token });
            }

            decimal bid = 1.1m + (random.Next(-300, 300) / 100_000m);
            world.Quote(bid, bid + 0.00010m);
        }

        Assert.True(world.Broker.DealList.Count() > 20);
        decimal realised = world.Broker.DealList.Sum(d => d.CloseDetail is { } c ? c.GrossProfit + c.Swap + c.Commission : 0m);
        Assert.Equal(100_000m + realised, world.Broker.Balance);
        Assert.All(world.Broker.Positions, p => Assert.True(p.Volume > 0 && p.Volume == p.Fills.Sum(f => f.Volume)));
        Assert.All(world.Broker.Orders.Where(o => o.OrderType == CtOrderType.StopLossTakeProfit), o => Assert.Equal(o.Volume, world.Broker.Positions.Single(p => p.PositionId == o.PositionId).Volume));
    }

    private static IMessage Any(MessageDescriptor kind, SimRandom random)
    {
        var message = kind.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in kind.Fields.InFieldNumberOrder())
        {
            if (field.Name == "payloadType" || (!field.IsRequired && random.Chance(80)))
            {
                continue;
            }

            if (field.IsRepeated)
            {
                ((IList)field.Accessor.GetValue(message)).Add(Value(field, random));
            }
            else
            {
                field.Accessor.SetValue(message, field.Name == "ctidTraderAccountId" ? ApiWorld.Demo : Value(field, random));
            }
        }

        return message;
    }

    private static object Value(FieldDescriptor field, SimRandom random) => field.FieldType switch
    {
        FieldType.Int64 when field.Name is "volume" && random.Chance(70) => 100_000L * random.Next(1, 5),
        FieldType.Int64 when field.Name is "symbolId" && random.Chance(80) => 2L,
        FieldType.Int64 when field.Name is "positionId" && random.Chance(80) => 200_000_001L + random.Next(200),
        FieldType.Int64 when field.Name is "orderId" && random.Chance(80) => 300_000_001L + random.Next(400),
        FieldType.Int64 when field.Name is "relativeStopLoss" or "relativeTakeProfit" && random.Chance(80) => 100L * random.Next(1, 5),
        FieldType.Int64 => random.Pick(Numbers),
        FieldType.UInt64 => (ulong)Math.Abs((decimal)random.Pick(Numbers)),
        FieldType.Int32 => (int)random.Pick(Numbers),
        FieldType.UInt32 => (uint)random.Pick(Numbers),
        FieldType.Double => random.Pick(Prices),
        FieldType.Bool => random.Chance(50),
        FieldType.String => new string('<', random.Next(52)),
        FieldType.Enum when field.Name is "orderType" && random.Chance(50) => ProtoOAOrderType.Market,
        FieldType.Enum when field.Name is "tradeSide" && random.Chance(90) => random.Chance(60) ? ProtoOATradeSide.Buy : ProtoOATradeSide.Sell,
        FieldType.Enum => Enum.ToObject(field.EnumType.ClrType, random.Chance(90) ? random.Pick(field.EnumType.Values.Select(v => v.Number).ToList()) : 77),
        FieldType.Message => Any(field.MessageType, random),
        var other => throw new InvalidOperationException(other.ToString()),
    };
}
