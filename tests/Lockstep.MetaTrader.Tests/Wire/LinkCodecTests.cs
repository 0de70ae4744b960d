using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

public class LinkCodecTests
{
    [Fact]
    public void Every_field_is_found_by_its_name()
    {
        foreach (var field in Enum.GetValues<LinkField>().Where(field => field != LinkField.None))
        {
            string name = LinkFieldNames.Of(field);
            Assert.Equal(field, LinkFieldNames.Find(Encoding.ASCII.GetBytes(name)));
            Assert.Equal(LinkField.None, LinkFieldNames.Find(Encoding.ASCII.GetBytes(name + "x")));
            Assert.Equal(LinkField.None, LinkFieldNames.Find(Encoding.ASCII.GetBytes(name.ToUpperInvariant())));
            var set = LinkFields.Of(field);
            Assert.True(set.Has(field));
            Assert.Single(Enum.GetValues<LinkField>(), set.Has);
            Assert.Equal(field, default(LinkFields).FirstMissing(set));
            Assert.Equal(LinkField.None, set.FirstMissing(set));
        }

        Assert.Equal(LinkField.None, LinkFieldNames.Find(default));
    }

    [Theory]
    [InlineData("""{"t":"ack","n":"132"}""", "ack: n: \"132\" is not an integer")]
    [InlineData("""{"t":"ack"}""", "ack: n: is missing")]
    [InlineData("""{"t":"ack","n":1,"n":2}""", "ack: n: is there twice")]
    [InlineData("""{"t":"ack","n":{}}""", "ack: n: an object is not an integer")]
    [InlineData("""{"t":"ack","n":1""", "no JSON at byte 16")]
    [InlineData("""[1]""", "a message is an object")]
    [InlineData("""{"n":1}""", "t: is missing")]
    [InlineData("""{"t":"watch","symbols":["0123456789012345678901234567890123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"]}""",
        "watch: symbols: \"0123456789012345678901234567890123456789\" is not at most 64 characters long")]
    [InlineData("""{"t":"quotes","list":[["EURUSD",1.5,-2,3]]}""", "quotes: list: -2 is not above 0")]
    [InlineData("""{"t":"hello","key":1}""", "hello: key: a value that is not shown is not a text")]
    [InlineData("""{"t":"duty","hedge":1}""", "duty: hedge: 1 is not true or false")]
    [InlineData("""{"t":"get","what":"x"}""", "get: what: \"x\" is not one of candles ticks deals")]
    [InlineData("""{"t":"snapshot","id":1,"part":3,"of":2,"n":1}""", "snapshot: part: 3 of 2")]
    public void A_reason_names_the_field_and_the_value(string text, string why) => Assert.Equal(why, Assert.IsType<BadMessage>(LinkCodec.Read(Encoding.UTF8.GetBytes(text))).Why);

    [Fact]
    public void Great_lengths_and_depths_are_borne()
    {
        string[] bad =
        [
            new('[', 65_536), $$"""{"t":"{{new string('a', 65_000)}}"}""", $$"""{"t":"ack","n":{{new string('9', 65_000)}}}""", $$"""{"t":"ack","n":1}{{new string(' ', 65_536)}}""",
            $$"""{"t":"log","level":"info","text":"{{new string('a', 65_000)}}"}""", $$"""{"t":"quotes","list":[["EURUSD",0.{{new string('0', 60_000)}}1,1,1]]}""",
            $$"""{"t":"change","n":1,"closed":[{{string.Join(',', Enumerable.Range(1, 9_000))}},0]}""", $$"""{"t":"data","id":1,"part":1,"of":1,"rows":[[{{string.Join(',', Enumerable.Range(1, 5_000))}}]]}""",
        ];
        foreach (string text in bad)
        {
            Assert.InRange(Assert.IsType<BadMessage>(LinkCodec.Read(Encoding.UTF8.GetBytes(text))).Why.Length, 5, 200);
        }

        Assert.Equal(new AckMessage(1), LinkCodec.Read(Encoding.UTF8.GetBytes($$"""{"t":"ack","n":1}{{new string(' ', 65_536 - 17)}}""")));
        Assert.Equal(new AckMessage(1), LinkCodec.Read(Encoding.UTF8.GetBytes($$"""{"t":"ack","{{new string('a', 65_000)}}":1,"n":1}""")));
        var change = Assert.IsType<ChangeMessage>(LinkCodec.Read(Encoding.UTF8.GetBytes($$"""{"t":"change","n":1,"closed":[{{string.Join(',', Enumerable.Range(1, 9_000))}}]}""")));
        Assert.Equal(Enumerable.Range(1, 9_000).Select(i => (long)i), change.Closed);
    }

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("-0.00", "0")]
    [InlineData("1.10", "1.1")]
    [InlineData("100", "100")]
    [InlineData("100.0000000000", "100")]
    [InlineData("0.0000000001", "0.0000000001")]
    [InlineData("-0.0000000001", "-0.0000000001")]
    [InlineData("123456789012345678", "123456789012345678")]
    [InlineData("123456789012345678.1234567890", "123456789012345678.123456789")]
    [InlineData("-999999999999999999.9999999999", "-999999999999999999.9999999999")]
    [InlineData("100000000000000000.0000000000", "100000000000000000")]
    [InlineData("12345678.1234567890", "12345678.123456789")]
    [InlineData("123456789.1234567890", "123456789.123456789")]
    public void Decimals_are_exact(string written, string canonical)
    {
        var read = Assert.IsType<FundsMessage>(LinkCodec.Read(Encoding.UTF8.GetBytes($$"""{"t":"funds","balance":{{written}},"equity":0,"margin":0,"free":0,"credit":0}""")));
        Assert.Equal(canonical, read.Funds.Balance.ToString(CultureInfo.InvariantCulture));
        Assert.StartsWith($$"""{"t":"funds","balance":{{canonical}},"equity":0""", Encoding.UTF8.GetString(VectorTests.Write(read)));
    }

    [Fact]
    public void More_places_than_the_wire_has_are_rounded()
    {
        var quote = new QuotesMessage([new("EURUSD", 1m / 3, 2m / 3, 1)]);
        Assert.Equal("""{"t":"quotes","list":[["EURUSD",0.3333333333,0.6666666667,1]]}""", Encoding.UTF8.GetString(VectorTests.Write(quote)));
    }

    [Fact]
    public void Names_that_many_terminals_say_are_one_text()
    {
        var one = (QuotesMessage)LinkCodec.Read("""{"t":"quotes","list":[["GBPAUD.ecn",1.1,1.2,1]]}"""u8);
        var two = (WatchMessage)LinkCodec.Read("""{"t":"watch","symbols":["GBPAUD.ecn"]}"""u8);
        Assert.Same(one.List[0].Symbol, two.Symbols[0]);
    }

    [Fact]
    public void Hot_messages_leave_little_behind()
    {
        Assert.InRange(Allocated("""{"t":"ack","n":132}"""u8.ToArray()), 0, 32);
        Assert.InRange(Allocated(Vectors.Good.Single(v => v.Name == "beat").Text), 0, 150);
        Assert.InRange(Allocated(Vectors.Good.Single(v => v.Name == "quotes").Text), 0, 250);
        Assert.InRange(Allocated(Vectors.Good.Single(v => v.Name == "answer-done").Text), 0, 260);
    }

    private static long Allocated(byte[] text)
    {
        for (int i = 0; i < 100; i++)
        {
            LinkCodec.Read(text);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            LinkCodec.Read(text);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    [Fact]
    public void A_buffer_that_gives_little_is_enough()
    {
        foreach (var vector in Vectors.Good.Where(v => v.Canonical))
        {
            var mean = new MeanBuffer();
            LinkCodec.Write(LinkCodec.Read(vector.Text), mean);
            Assert.Equal(Encoding.UTF8.GetString(vector.Text), Encoding.UTF8.GetString([.. mean.Written]));
        }
    }

    [Fact]
    public void What_is_only_ours_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => VectorTests.Write(new BadMessage("x")));
        Assert.Throws<ArgumentException>(() => VectorTests.Write(new UnknownMessage("x")));
    }

    [Fact]
    public void What_is_written_is_read_as_it_was()
    {
        var make = new MessageMaker(new Dice(7));
        var kinds = new HashSet<Type>();
        for (int i = 0; i < 5_000; i++)
        {
            var message = make.Next();
            kinds.Add(message.GetType());
            byte[] text = VectorTests.Write(message);
            var read = LinkCodec.Read(text);
            Assert.False(read is BadMessage, $"{(read as BadMessage)?.Why}: {Encoding.UTF8.GetString(text)}");
            string expected = JsonSerializer.Serialize(message, message.GetType());
            string found = JsonSerializer.Serialize(read, read.GetType());
            if (expected != found)
            {
                Assert.Equal(expected, found);
            }
        }

        // All kinds that go over the wire.
        Assert.Equal(
            typeof(LinkMessage).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(LinkMessage))).Except([typeof(BadMessage), typeof(UnknownMessage)]).Select(type => type.Name).Order(),
            kinds.Select(type => type.Name).Order());
    }

    /// <summary>Gives what was asked for and no byte more.</summary>
    private sealed class MeanBuffer : IBufferWriter<byte>
    {
        private byte[] _given = [];

        public List<byte> Written { get; } = [];

        public void Advance(int count) => Written.AddRange(_given.AsSpan(0, count));

        public Memory<byte> GetMemory(int sizeHint = 0) => _given = new byte[Math.Max(sizeHint, 1)];

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
