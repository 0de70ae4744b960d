using System.Text;
using Lockstep.Domain;
using Lockstep.Storage.Format;

namespace Lockstep.Storage.Tests;

/// <summary>The frame around a record: what was cut off or changed is seen.</summary>
public class RecordFormatTests
{
    private static readonly JournalRecord Record = new(42, new Timestamp(1_700_000_000_000_000), 1, """{"is":"restarted"}"""u8.ToArray(), "[]"u8.ToArray());

    [Theory]
    [InlineData("", 0x00000000u)]
    [InlineData("123456789", 0xE3069283u)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x22620404u)]
    public void The_checksum_is_the_known_one(string text, uint crc) => Assert.Equal(crc, Crc32C.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_checksum_of_parts_is_that_of_the_whole()
    {
        byte[] bytes = [.. Enumerable.Range(0, 100).Select(i => (byte)(i * 7))];
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(Crc32C.Of(bytes), Crc32C.Append(Crc32C.Of(bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
        }
    }

    [Fact]
    public void A_record_comes_back()
    {
        byte[] bytes = RecordFormat.Write(Record);
        Assert.Equal(RecordState.Intact, RecordFormat.Read(bytes, out var read, out int used));
        Assert.Equal(bytes.Length, used);
        Assert.Equal((Record.Seq, Record.At, Record.Version), (read!.Seq, read.At, read.Version));
        Assert.Equal(Record.Event.ToArray(), read.Event.ToArray());
        Assert.Equal(Record.Decisions.ToArray(), read.Decisions.ToArray());
    }

    /// <summary>Worked out by another program.</summary>
    [Fact]
    public void The_frame_never_changes() =>
        Assert.Equal("2A000000285C441801002A0000000000000000401E18240A060012000000" + Convert.ToHexString(Record.Event.Span) + Convert.ToHexString(Record.Decisions.Span), Convert.ToHexString(RecordFormat.Write(Record)));

    [Fact]
    public void A_record_that_was_cut_off_is_torn()
    {
        byte[] bytes = RecordFormat.Write(Record);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(RecordState.Torn, RecordFormat.Read(bytes.AsMemory(0, length), out var read, out _));
            Assert.Null(read);
        }
    }

    [Fact]
    public void A_single_bit_is_noticed()
    {
        byte[] bytes = RecordFormat.Write(Record);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] flipped = [.. bytes];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(RecordState.Intact, RecordFormat.Read(flipped, out _, out _));
        }
    }
}
