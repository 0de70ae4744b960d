using Lockstep.Domain;
using Lockstep.MetaTrader.Session;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Session;

/// <summary>What no sound terminal sends: refused with a reason, counted, and nobody else notices.</summary>
public sealed class FrameTests
{
    private readonly Desk _desk = new();
    private readonly Sink _sink;
    private readonly Terminal _terminal;
    private readonly Sink _otherSink;
    private readonly Terminal _other;

    public FrameTests()
    {
        (_, _sink) = _desk.Serve();
        (_, _otherSink) = _desk.Serve(account: Desk.AccountOf(name: "other", key: "k-other", login: 9));
        _terminal = _desk.Plug().Enter();
        _other = _desk.Plug(name: "9999999999999999").Enter(with: h => h with { Key = "k-other", Login = 9 });
        _terminal.Heard();
        _sink.Events.Clear();
        _otherSink.Events.Clear();
    }

    public static TheoryData<string> Bad =>
    [
        "", "{", "[]", "null", "42", "\"t\"", "{}", """{"t":5}""", "{\"t\":\"change\"\0}", "\u00ff\u00fe",
        """{"t":"change"}""",
        """{"t":"change","n":"1"}""",
        """{"t":"change","n":1.5}""",
        """{"t":"change","n":1,"n":2}""",
        """{"t":"change","n":NaN}""",
        """{"t":"change","n":1,"closed":["7"]}""",
        """{"t":"change","n":1,"positions":[{"id":1,"ticket":1,"symbol":"EURUSD","side":"buy","lots":1e308,"price":1.1,"time":1764028800123}]}""",
        """{"t":"change","n":1,"positions":[{"id":1,"ticket":1,"symbol":"EURUSD","side":"up","lots":1,"price":1.1,"time":1764028800123}]}""",
        """{"t":"change","n":1,"positions":[{"id":1,"ticket":1,"symbol":"EURUSD","side":"buy","lots":-1,"price":1.1,"time":1764028800123}]}""",
        """{"t":"change","n":1,"positions":[{"id":1,"ticket":1,"symbol":"EURUSD","side":"buy","lots":1,"price":1.1,"time":1}]}""",
        """{"t":"answer","n":1,"id":"LS0123456789ABC0","out":"perhaps","code":1}""",
        """{"t":"answer","n":1,"id":"hello","out":"done","code":10009}""",
        """{"t":"welcome","v":1,"epoch":99,"active":true,"resume":1,"now":1,"beat":1,"quotes":1,"budget":1}""",
        """{"t":"ack","n":5}""",
        """{"t":"hello","v":1,"key":"k-other","login":9,"server":"Broker-Demo","platform":"mt5","role":"both","mode":"hedging","currency":"USD","leverage":100,"build":4410,"ea":"1.0.0","terminal":"9999999999999999","epoch":0,"acked":0,"first":1,"last":0,"offset":10800,"demo":true,"company":"","closeby":true,"stoplimit":true,"expiry":true,"clash":0}""",
    ];

    [Theory]
    [MemberData(nameof(Bad))]
    public void Nonsense_is_refused_with_a_reason_and_nothing_of_it_counts(string text)
    {
        _terminal.Say(text);
        Assert.NotEmpty(_terminal.Heard<BadReplyMessage>().Why);
        Assert.Empty(_sink.Of<BookChanged>());
        Assert.Empty(_sink.Of<OrderAnswered>());
        Assert.False(_terminal.IsClosed);
        Assert.Equal(1, _desk.Count(TerminalCount.BadMessages));
        Assert.DoesNotContain(_desk.Lines, l => l.Contains("k-other", StringComparison.Ordinal));

        // The next sound event is taken in, here and at others.
        _terminal.Number = 1;
        _terminal.Change(_terminal.Position(5));
        Assert.Single(_sink.Of<BookChanged>());
        _other.Change(_other.Position(6));
        Assert.Single(_otherSink.Events);
    }

    [Fact]
    public void A_message_that_could_not_be_read_may_have_been_an_event_and_the_engine_asks()
    {
        _terminal.Say("{");
        Assert.True(_sink.Take<Heartbeat>().Differs);
    }

    [Fact]
    public void A_message_of_more_than_64_KiB_is_refused()
    {
        _terminal.Say("""{"t":"log","level":"warn","text":""" + '"' + new string('x', 70_000) + "\"}");
        Assert.Contains("65536", _terminal.Heard<BadReplyMessage>().Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Unknown_types_and_fields_are_ignored_and_counted()
    {
        _terminal.Say("""{"t":"weather","sun":true}""");
        _terminal.Say("""{"t":"change","n":1,"closed":[7],"colour":"green"}""");
        Assert.Empty(_terminal.Heard());
        Assert.Equal(7, _sink.Take<BookChanged>().ClosedPositions[0].Value);
        Assert.Equal(1, _desk.Count(TerminalCount.UnknownTypes));
    }

    [Fact]
    public void More_than_20_bad_messages_in_a_minute_close_the_link()
    {
        for (int i = 0; i < 20; i++)
        {
            _terminal.Say("{");
        }

        Assert.False(_terminal.IsClosed);
        _desk.Pass(59, _terminal, _other);
        _terminal.Say("{");
        Assert.Equal(1008, _terminal.Code);
        Assert.Equal(1, _desk.Count(TerminalCount.TooManyBad));
        Assert.Single(_sink.Of<SessionClosed>());
        Assert.False(_other.IsClosed);
        Assert.Empty(_otherSink.Of<SessionClosed>());
    }

    [Fact]
    public void Twenty_bad_messages_a_minute_are_borne_for_ever()
    {
        for (int minute = 0; minute < 5; minute++)
        {
            for (int i = 0; i < 20; i++)
            {
                _terminal.Say("{");
            }

            _desk.Pass(61, _terminal);
        }

        Assert.False(_terminal.IsClosed);
    }

    [Fact]
    public void Too_many_messages_close_the_link_and_the_next_one_is_as_good_as_any()
    {
        for (int i = 0; i < 1_990; i++)
        {
            _terminal.Say("""{"t":"quotes","list":[]}""");
        }

        Assert.False(_terminal.IsClosed);
        for (int i = 0; i < 30; i++)
        {
            _terminal.Say("""{"t":"quotes","list":[]}""");
        }

        Assert.Equal(1008, _terminal.Code);
        Assert.Equal("rate", _terminal.Heard().OfType<RefusedMessage>().Single().Code);
        Assert.Equal(1, _desk.Count(TerminalCount.RateLimited));
        Assert.Single(_sink.Of<SessionClosed>());
        Assert.True(_desk.Plug().Enter(with: h => h with { Epoch = 1 }).IsActive);
    }

    [Fact]
    public void Four_hundred_messages_a_second_are_borne_for_ever()
    {
        for (int second = 0; second < 20; second++)
        {
            for (int i = 0; i < 398; i++)
            {
                _terminal.Say("""{"t":"quotes","list":[]}""");
            }

            _desk.Pass(1, _terminal);
        }

        Assert.False(_terminal.IsClosed);
    }

    [Fact]
    public void A_terminals_lines_are_few_short_plain_and_without_its_key()
    {
        _desk.Lines.Clear();
        for (int i = 0; i < 30; i++)
        {
            _terminal.Say(new LogMessage("warn", $"line {i}\nroot: all is well " + new string('x', 300)));
        }

        Assert.Equal(10, _desk.Lines.Count);
        Assert.All(_desk.Lines, l => Assert.True(l.Length < 260 && !l.Contains('\n', StringComparison.Ordinal)));
        _desk.Pass(61, _terminal);
        _desk.Lines.Clear();
        _terminal.Say(new LogMessage("info", $"connecting with key={Desk.Key}, wait"));
        Assert.DoesNotContain(Desk.Key, Assert.Single(_desk.Lines), StringComparison.Ordinal);
    }
}
