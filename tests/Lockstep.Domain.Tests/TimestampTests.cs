using FsCheck;
using FsCheck.Fluent;

namespace Lockstep.Domain.Tests;

public class TimestampTests
{
    /// <summary>Years 1 to 9999 in microseconds: what a DateTimeOffset can hold.</summary>
    private static readonly Arbitrary<long> Micros = (
        from day in Gen.Choose(-719_162, 2_932_895)
        from second in Gen.Choose(0, 86_399)
        from micros in Gen.Choose(0, 999_999)
        select (((day * 86_400L) + second) * 1_000_000L) + micros).ToArbitrary();

    [Fact]
    public void A_moment_survives_the_way_to_DateTimeOffset_and_back() =>
        Prop.ForAll(Micros, micros => Timestamp.From(new Timestamp(micros).ToDateTimeOffset()) == new Timestamp(micros)).Holds();

    [Fact]
    public void A_moment_reads_back_from_its_text() => Prop.ForAll(Micros, micros =>
        Timestamp.From(DateTimeOffset.Parse(new Timestamp(micros).ToString(), System.Globalization.CultureInfo.InvariantCulture)) == new Timestamp(micros)).Holds();

    [Fact]
    public void A_span_added_and_taken_away_brings_the_moment_back() => Prop.ForAll(Micros, micros =>
    {
        var moment = new Timestamp(micros);
        var span = TimeSpan.FromMilliseconds(1234.567);
        return moment + span - span == moment && (moment + span) - moment == span && moment < moment + span && Timestamp.Max(moment, moment + span) == moment + span;
    }).Holds();

    [Fact]
    public void Text_order_is_time_order() => Prop.ForAll(Micros, Micros, (a, b) =>
        Math.Sign(string.CompareOrdinal(new Timestamp(a).ToString(), new Timestamp(b).ToString())) == Math.Sign(a.CompareTo(b))).Holds();

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000000Z")]
    [InlineData(1_795_264_565_123_456, "2026-11-21T12:36:05.123456Z")]
    [InlineData(-1, "1969-12-31T23:59:59.999999Z")]
    [InlineData(long.MaxValue, "9223372036854775807us")]
    [InlineData(long.MinValue, "-9223372036854775808us")]
    public void Text(long micros, string text) => Assert.Equal(text, new Timestamp(micros).ToString());

    [Fact]
    public void An_offset_does_not_move_the_moment() =>
        Assert.Equal(Timestamp.FromMs(0), Timestamp.From(new DateTimeOffset(1970, 1, 1, 2, 0, 0, TimeSpan.FromHours(2))));

    [Fact]
    public void What_is_finer_than_a_microsecond_is_cut() =>
        Assert.Equal(new Timestamp(1), Timestamp.From(DateTimeOffset.UnixEpoch.AddTicks(19)));
}
