using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace Lockstep.Domain.Tests;

public class OrderKeyTests
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private static readonly Arbitrary<OrderKey> AnyKey = (
        from high in Gen.Choose(int.MinValue, int.MaxValue)
        from low in Gen.Choose(int.MinValue, int.MaxValue)
        let value = ((ulong)(uint)high << 32) | (uint)low
        where value != 0
        select new OrderKey(value)).ToArbitrary();

    /// <summary>Worked out by a second implementation. These never change: orders under these keys stand in accounts and journals.</summary>
    [Theory]
    [InlineData("prop-to-personal#1", 1001, 0, "open", 1, 0x23b19026d8c1ad9eUL, "LS27CCG4VCC3BCY5", 992414)]
    [InlineData("prop-to-personal#1", 1001, 0, "open", 2, 0xe58ff5a9c82f4869UL, "LSEB3ZNN742YJ39K", 941225)]
    [InlineData("prop-to-personal#1", 1001, 1, "open", 1, 0xcace934d89de9ec3UL, "LSCNKMK9P4XX7P3Y", 971299)]
    [InlineData("", 0, 0, "", 0, 0xc69c4d53aac1671aUL, "LSCD72DAENC2SRTT", 919546)]
    [InlineData("prop", -1, 0, "close", 1, 0xfdb6dce72dff0139UL, "LSFVDPWWWPZY09SY", 950009)]
    [InlineData("größe-链", long.MaxValue, int.MaxValue, "stops", int.MaxValue, 0xfb407b20d8f6f36dUL, "LSFPG3V43CFDWVDC", 926669)]
    public void Vectors(string scope, long source, int generation, string purpose, int attempt, ulong value, string text, int magic)
    {
        var key = OrderKey.From(scope, source, generation, purpose, attempt);
        Assert.Equal(value, key.Value);
        Assert.Equal(text, key.ToString());
        Assert.Equal(magic, key.Magic);
    }

    [Fact]
    public void A_key_is_found_again_in_its_text() => Prop.ForAll(AnyKey, key =>
        key.ToString().Length == OrderKey.TextLength && OrderKey.TryFind(key.ToString(), out var found) && found == key).Holds();

    [Fact]
    public void What_a_broker_appends_is_ignored() => Prop.ForAll(AnyKey, key =>
        OrderKey.TryFind(key + "[sl]", out var sl) && sl == key && OrderKey.TryFind(key + " from #12345", out var from) && from == key).Holds();

    [Fact]
    public void A_cut_comment_is_refused() => Prop.ForAll(AnyKey, key =>
        Enumerable.Range(0, OrderKey.TextLength).All(length => !OrderKey.TryFind(key.ToString().AsSpan(0, length), out _))).Holds();

    [Fact]
    public void A_comment_with_something_put_before_is_refused() => Prop.ForAll(AnyKey, key =>
        !OrderKey.TryFind(" " + key, out _) && !OrderKey.TryFind("#" + key, out _)).Holds();

    [Fact]
    public void A_comment_with_lower_case_is_refused() => Prop.ForAll(AnyKey, key =>
        !OrderKey.TryFind(key.ToString().ToLowerInvariant(), out _)).Holds();

    [Fact]
    public void One_wrong_character_is_refused() => Prop.ForAll(AnyKey, key =>
    {
        string text = key.ToString();
        for (int at = 0; at < text.Length; at++)
        {
            foreach (char other in Alphabet)
            {
                // The check counts in 31s and there are 32 characters: 0 and Z look alike to it. Another key results, which no intent has.
                bool alike = at is > 1 and < 15 && ((text[at] == '0' && other == 'Z') || (text[at] == 'Z' && other == '0'));
                string wrong = text[..at] + other + text[(at + 1)..];
                if (other != text[at] && !alike && OrderKey.TryFind(wrong, out _))
                {
                    return false;
                }
            }
        }

        return true;
    }).Holds();

    [Theory]
    [InlineData("")]
    [InlineData("LS")]
    [InlineData("from #5012345")]
    [InlineData("to #5012345")]
    [InlineData("LS00000000000000")]
    [InlineData("LSIIIIIIIIIIIIII")]
    [InlineData("LSZZZZZZZZZZZZZZ")]
    [InlineData("my own comment, thank you")]
    public void No_key_in_other_comments(string comment)
    {
        Assert.False(OrderKey.TryFind(comment, out var key));
        Assert.Equal(default, key);
    }

    [Fact]
    public void A_tag_keeps_the_comment_and_reads_the_key()
    {
        var key = OrderKey.From("a", 1, 0, "open", 1);
        Assert.Equal(new OrderTag(key.Magic, key, key + "[tp]"), OrderTag.Read(key.Magic, key + "[tp]"));
        Assert.Equal(new OrderTag(key.Magic, null, "from #77"), OrderTag.Read(key.Magic, "from #77"));
        Assert.Same(OrderTag.None, OrderTag.Read(0, ""));
    }

    [Fact]
    public void Magic_numbers_stay_in_their_range() => Prop.ForAll(AnyKey, key =>
        key.Magic is >= 900_000 and <= 999_999 && OrderKey.IsOurMagic(key.Magic)).Holds();

    [Theory]
    [InlineData(899_999, false)]
    [InlineData(900_000, true)]
    [InlineData(999_999, true)]
    [InlineData(1_000_000, false)]
    [InlineData(0, false)]
    [InlineData(-900_000, false)]
    public void Our_magics(long magic, bool ours) => Assert.Equal(ours, OrderKey.IsOurMagic(magic));

    [Fact]
    public void A_million_neighbouring_keys_differ()
    {
        // Neighbours on purpose: the facts of real intents differ in a digit or two.
        var seen = new HashSet<ulong>(1_000_000);
        string[] purposes = ["open", "reduce", "stops", "cancel", "amend"];
        for (int source = 0; source < 10_000; source++)
        {
            for (int n = 0; n < 100; n++)
            {
                Assert.True(seen.Add(OrderKey.From("link-" + (n % 4), 5_000_000 + source, n / 50, purposes[n % 5], n).Value));
            }
        }

        Assert.Equal(1_000_000, seen.Count);
    }

    [Fact]
    public void Parts_do_not_run_into_each_other()
    {
        Assert.NotEqual(OrderKey.From("ab", 0, 0, "c", 0), OrderKey.From("a", 0, 0, "bc", 0));
        Assert.NotEqual(OrderKey.From("a", 1, 0, "open", 0), OrderKey.From("a", 0, 1, "open", 0));
        Assert.NotEqual(OrderKey.From("a", 0, 0, "open", 1), OrderKey.From("a", 0, 1, "open", 0));
    }

    [Fact]
    public void Magics_of_neighbouring_keys_spread_over_the_range()
    {
        var counts = new int[10];
        for (int source = 0; source < 10_000; source++)
        {
            counts[(OrderKey.From("link", source, 0, "open", 1).Magic - OrderKey.MagicFirst) / 10_000]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1_150));
    }
}
