using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Lockstep.MetaTrader.Wire;

namespace Lockstep.MetaTrader.Tests.Wire;

/// <summary>Both sides of the link read the same messages the same way.</summary>
public class VectorTests
{
    public static TheoryData<string> GoodNames => [.. Vectors.Good.Select(vector => vector.Name)];

    public static TheoryData<string> BadNames => [.. Vectors.Bad.Select(vector => vector.Name)];

    [Theory]
    [MemberData(nameof(GoodNames))]
    public void A_good_message_is_read_and_written_back_as_it_was(string name)
    {
        var vector = Vectors.Good.Single(v => v.Name == name);
        Assert.True(vector.Ok);
        var message = LinkCodec.Read(vector.Text);
        if (vector.Unknown)
        {
            Assert.IsType<UnknownMessage>(message);
            return;
        }

        Assert.False(message is BadMessage, (message as BadMessage)?.Why);
        Assert.IsNotType<UnknownMessage>(message);
        byte[] written = Write(message);
        if (vector.Canonical)
        {
            Assert.Equal(Encoding.UTF8.GetString(vector.Text), Encoding.UTF8.GetString(written));
        }

        // What was written stands for itself.
        Assert.Equal(Encoding.UTF8.GetString(written), Encoding.UTF8.GetString(Write(LinkCodec.Read(written))));
    }

    [Theory]
    [MemberData(nameof(BadNames))]
    public void A_bad_message_is_refused_with_a_reason(string name)
    {
        var vector = Vectors.Bad.Single(v => v.Name == name);
        Assert.False(vector.Ok);
        var bad = Assert.IsType<BadMessage>(LinkCodec.Read(vector.Text));
        Assert.InRange(bad.Why.Length, 5, 300);
        if (name.StartsWith("hello-key", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("12345678", bad.Why);
            Assert.DoesNotContain("kkkkk", bad.Why);
        }
    }

    [Fact]
    public void The_digest_is_the_sum_over_the_texts_of_the_objects()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Vectors.Contracts, "vectors", "digest.json")));
        ulong sum = 0;
        foreach (var item in json.RootElement.GetProperty("objects").EnumerateArray())
        {
            string text = item.GetProperty("text").GetString()!;
            ulong fnv = ulong.Parse(item.GetProperty("fnv").GetString()!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            bool order = text.Contains("\"type\":", StringComparison.Ordinal);
            byte[] message = Encoding.UTF8.GetBytes($$"""{"t":"change","n":1,"{{(order ? "orders" : "positions")}}":[{{text}}]}""");
            var change = Assert.IsType<ChangeMessage>(LinkCodec.Read(message));
            if (order)
            {
                Assert.Equal(fnv, change.Orders[0].Fingerprint);
                Assert.Equal(fnv, LinkCodec.Fingerprint(change.Orders[0]));
            }
            else
            {
                Assert.Equal(fnv, change.Positions[0].Fingerprint);
                Assert.Equal(fnv, LinkCodec.Fingerprint(change.Positions[0]));
            }

            sum = unchecked(sum + fnv);
        }

        Assert.Equal(json.RootElement.GetProperty("sum").GetString(), sum.ToString("x16", CultureInfo.InvariantCulture));
    }

    internal static byte[] Write(LinkMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        LinkCodec.Write(message, buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
