using System.Text;
using Lockstep.Domain;
using Lockstep.Engine;
using Lockstep.Storage.Format;

namespace Lockstep.Storage.Tests;

/// <summary>What goes into the journal comes out as it was.</summary>
public class CodecTests
{
    public static TheoryData<Type> Events => [.. Kinds.Of(typeof(EngineEvent))];

    public static TheoryData<Type> Decisions => [.. Kinds.Of(typeof(Decision))];

    public static TheoryData<Type> Reports => [.. Kinds.Of(typeof(PlatformEvent))];

    public static TheoryData<Type> Commands => [.. Kinds.Of(typeof(OrderCommand))];

    public static TheoryData<Type> Requests => [.. Kinds.Of(typeof(ClientRequest))];
    public static TheoryData<Type> Bodies => [.. Kinds.Of(typeof(EventBody))];

    [Fact]
    public void Every_kind_has_a_name_and_no_name_has_two()
    {
        Assert.Equal(Kinds.Abstract, TypeNames.Of.Keys.OrderBy(t => t.Name, StringComparer.Ordinal));
        foreach (var (abstractKind, kinds) in TypeNames.Of)
        {
            Assert.Equal(Kinds.Of(abstractKind), kinds.Select(k => k.Kind).OrderBy(t => t.Name, StringComparer.Ordinal));
            Assert.Equal(kinds.Count, kinds.Select(k => k.Name).Distinct().Count());
        }
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void An_event_comes_back(Type kind) => All(kind, value => JournalCodec.EncodeEvent((EngineEvent)value), bytes => JournalCodec.DecodeEvent(1, bytes));

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_decision_comes_back(Type kind) => All(kind, value => JournalCodec.EncodeDecisions([(Decision)value]), bytes => JournalCodec.DecodeDecisions(1, bytes)[0]);

    [Theory]
    [MemberData(nameof(Reports))]
    public void A_report_comes_back(Type kind) =>
        All(kind, value => JournalCodec.EncodeEvent(new Reported((PlatformEvent)value, MarketView.Empty)), bytes => ((Reported)JournalCodec.DecodeEvent(1, bytes)).Report);

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_comes_back(Type kind) =>
        All(kind, value => JournalCodec.EncodeDecisions([new SendOrder((OrderCommand)value)]), bytes => ((SendOrder)JournalCodec.DecodeDecisions(1, bytes)[0]).Command);

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_told_event_comes_back(Type kind) => All(kind, value => JournalCodec.EncodeBody((EventBody)value), bytes => JournalCodec.DecodeBody(1, bytes));

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_client_request_comes_back(Type kind) =>
        All(kind, value => JournalCodec.EncodeEvent(new ClientRequested((ClientRequest)value)), bytes => ((ClientRequested)JournalCodec.DecodeEvent(1, bytes)).Request);

    [Fact]
    public void A_state_comes_back() => All(typeof(EngineCapture), value => JournalCodec.EncodeCapture((EngineCapture)value), bytes => JournalCodec.DecodeCapture(1, bytes));

    [Fact]
    public void Ledger_rows_come_back()
    {
        All(typeof(WhyEntry), value => JournalCodec.EncodeWhy((WhyEntry)value), bytes => JournalCodec.DecodeWhy(1, bytes));
        All(typeof(AlertRaised), value => JournalCodec.EncodeAlert((AlertRaised)value), bytes => JournalCodec.DecodeAlert(1, bytes));
    }

    [Fact]
    public void What_is_at_its_default_is_left_out_and_what_is_missing_is_at_its_default()
    {
        var report = new BookChanged { Account = new("a"), Epoch = 1, Sequence = 2 };
        Assert.Equal("""{"is":"reported","report":{"is":"book","sequence":2,"account":"a","epoch":1},"view":{}}""", Text(new Reported(report, MarketView.Empty)));
        var read = (BookChanged)((Reported)JournalCodec.DecodeEvent(1, """{"is":"reported","report":{"is":"book","account":"a"},"view":{}}"""u8)).Report;
        Assert.Empty(read.Positions);
        Assert.Equal(0, read.Sequence);
    }

    [Fact]
    public void A_default_that_is_not_zero_survives_and_so_does_a_zero_in_its_place()
    {
        var settings = new GroupSettings { Accounts = [], Links = [new LinkSettings { Id = new("l"), Source = new("a"), Target = new("b"), Filters = new FilterSettings { MaxAge = null }, Sizing = new SizingSettings { NormaliseContracts = false } }] };
        string text = Text(new Configured(settings));
        Assert.Equal("""{"is":"configured","settings":{"accounts":[],"links":[{"id":"l","source":"a","target":"b","sizing":{"normaliseContracts":false},"filters":{"maxAge":null},"symbols":{}}]}}""", text);
        var read = ((Configured)JournalCodec.DecodeEvent(1, Encoding.UTF8.GetBytes(text))).Settings.Links[0];
        Assert.Null(read.Filters.MaxAge);
        Assert.False(read.Sizing.NormaliseContracts);
        Assert.Equal(1m, read.Sizing.Factor);
        Assert.Equal(LinkMode.On, read.Mode);
    }

    [Fact]
    public void Numbers_keep_their_digits()
    {
        var send = new SendOrder(new ReducePosition { Account = new("a"), Key = OrderKey.From("x", 1, 0, "close", 1), Symbol = new("EURUSD"), Deadline = new Timestamp(5), Position = new(7), TargetVolume = new(0.10m) });
        Assert.Contains("\"targetVolume\":0.10,", Encoding.UTF8.GetString(JournalCodec.EncodeDecisions([send])), StringComparison.Ordinal);
        Assert.Equal(send.Command, ((SendOrder)JournalCodec.DecodeDecisions(1, JournalCodec.EncodeDecisions([send]))[0]).Command);
    }

    [Fact]
    public void What_is_unknown_is_passed_over() =>
        Assert.Equal(new TimerFired(new TimerId(TimerKind.Retry, 7)), JournalCodec.DecodeEvent(1, """{"is":"timer","timer":{"kind":3,"number":7,"colour":"red"},"later":[1,{}]}"""u8));

    [Theory]
    [InlineData(1, """{"is":"telepathy"}""", "telepathy")]
    [InlineData(1, """{"is":"timer","timer":{"kind":""", "event")]
    [InlineData(1, "null", "null")]
    [InlineData(2, """{"is":"restarted"}""", "version 2")]
    [InlineData(0, """{"is":"restarted"}""", "version 0")]
    public void What_cannot_be_read_is_said(int version, string json, string said)
    {
        var record = new JournalRecord(17, default, version, Encoding.UTF8.GetBytes(json), "[]"u8.ToArray());
        string message = Assert.Throws<JournalFormatException>(() => JournalCodec.DecodeEvent(record)).Message;
        Assert.Contains("record 17", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_key_is_no_key() =>
        Assert.Throws<JournalFormatException>(() => JournalCodec.DecodeDecisions(1, """[{"is":"send","command":{"is":"cancel","order":1,"account":"a","key":"LS0000000000000A","symbol":"E","deadline":1}}]"""u8));

    private static void All(Type kind, Func<object, byte[]> encode, Func<byte[], object> decode)
    {
        foreach (var filling in Enum.GetValues<Filling>())
        {
            for (int seed = 0; seed < (filling == Filling.Mixed ? 200 : 1); seed++)
            {
                object value = new Samples(seed, filling).Make(kind, 0)!;
                byte[] bytes = encode(value);
                Same.Check(value, decode(bytes), $"{kind.Name} ({filling}, {seed})");
                Assert.Equal(bytes, encode(value));
                Assert.Equal(Encoding.UTF8.GetString(bytes), Encoding.UTF8.GetString(encode(decode(bytes))));
            }
        }
    }

    private static string Text(EngineEvent e) => Encoding.UTF8.GetString(JournalCodec.EncodeEvent(e));
}
