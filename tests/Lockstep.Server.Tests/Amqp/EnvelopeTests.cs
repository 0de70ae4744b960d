using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Lockstep.Server.Amqp;
using Lockstep.Server.Configuration;
using Lockstep.Server.Tests.Configuration;

namespace Lockstep.Server.Tests.Amqp;

/// <summary>What is published is what contracts/amqp says. LOCKSTEP_WRITE_GOLDEN=1 writes the examples anew.</summary>
public class EnvelopeTests
{
    private static readonly string Contract = Path.Combine(Config.Root, "contracts", "amqp");
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The table of the services that this envelope comes from (api-shapes §5.2): type, and the fields that its payload must have.</summary>
    [Theory]
    [InlineData("price.tick", "price.tick", "symbol bid ask time")]
    [InlineData("positions.snapshot", "positions.snapshot", "open_positions cursor")]
    [InlineData("pending_orders", "pending_orders", "pending_orders")]
    [InlineData("position.closed", "position.closed", "position_id symbol direction volume open_time open_price close_time close_price profit commission swap broker_deal_id reason")]
    [InlineData("account.info", "account.info", "balance equity margin free_margin margin_level currency")]
    public void The_payload_has_the_fields_of_the_table(string name, string type, string fields)
    {
        var envelope = Parse(name);
        Assert.Equal(type, (string?)envelope["type"]);
        Assert.Equal(fields.Split(' '), envelope["payload"]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public void Positions_and_orders_have_the_fields_that_consumers_read()
    {
        var position = Parse("positions.snapshot")["payload"]!["open_positions"]![0]!.AsObject();
        foreach (string field in "ticket symbol volume price_open profit swap sl tp time direction comment magic type price_current position_id open_price current_price".Split(' '))
        {
            Assert.True(position.ContainsKey(field), field);
        }

        Assert.Equal((1002, "SELL", 1, 1.0813m), ((int)position["ticket"]!, (string)position["direction"]!, (int)position["type"]!, (decimal)position["price_current"]!));
        var order = Parse("pending_orders")["payload"]!["pending_orders"]![0]!.AsObject();
        foreach (string field in "id symbol volume side type price stop_loss take_profit state".Split(' '))
        {
            Assert.True(order.ContainsKey(field), field);
        }

        Assert.Null(order["stop_loss"]);
    }

    [Fact]
    public void Every_envelope_is_version_1_with_the_same_fields()
    {
        foreach (var (name, message) in Samples.All(Samples.Make()))
        {
            var envelope = Parse(message);
            Assert.Equal(
                "event_id event_version source platform type account_id internal_account_id source_account_key broker_login occurred_at sent_at payload".Split(' '), envelope.Select(p => p.Key));
            Assert.Equal((1, "lockstep", message.Type, message.Id.ToString()), ((int)envelope["event_version"]!, (string)envelope["source"]!, (string)envelope["type"]!, (string)envelope["event_id"]!));
            Assert.Equal('4', message.Id.ToString()[14]);
            foreach (string moment in new[] { "occurred_at", "sent_at" })
            {
                Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$", (string)envelope[moment]!);
            }

            bool isAccounts = name != "alert.of-no-account";
            Assert.Equal(isAccounts, Guid.TryParse((string?)envelope["account_id"], out var uuid));
            Assert.Equal((string?)envelope["account_id"], (string?)envelope["internal_account_id"]);
            Assert.Equal(isAccounts ? $"account.{uuid}.{message.Type}" : "lockstep.alert", message.Key);
        }
    }

    [Theory]
    [InlineData("account.info", "MT5", "12345678")]
    [InlineData("account.info-flat", "cTrader", null)]
    [InlineData("alert.of-no-account", null, null)]
    public void Platform_and_login_are_the_accounts(string name, string? platform, string? login)
    {
        var envelope = Parse(name);
        Assert.Equal((platform, login), ((string?)envelope["platform"], (string?)envelope["broker_login"]));
    }

    [Fact]
    public void Several_closing_deals_make_one_price_and_sum()
    {
        var payload = Parse("position.closed")["payload"]!;
        Assert.Equal((1.084m, 30.00m, -1.05m, -0.50m), ((decimal)payload["close_price"]!, (decimal)payload["profit"]!, (decimal)payload["commission"]!, (decimal)payload["swap"]!));
        Assert.Equal(("3002", "stop_loss", "2026-01-01T00:00:00.123Z"), ((string)payload["broker_deal_id"]!, (string)payload["reason"]!, (string)payload["close_time"]!));
        var without = Parse("position.closed-without-deals")["payload"]!;
        Assert.All(["close_price", "profit", "commission", "swap", "broker_deal_id", "reason", "close_time"], field => Assert.Null(without[field]));
    }

    [Fact]
    public void A_removed_account_still_has_its_events()
    {
        var others = Samples.Make(config: Config.Read(Config.Good).Config! with { Accounts = [] });
        var envelope = Parse(others.Of(Samples.Row(Samples.Named[0].Body)));
        Assert.Equal(("prop", null, Parse("session.up")["account_id"]!.ToString()), ((string)envelope["source_account_key"]!, (string?)envelope["platform"], (string)envelope["account_id"]!));
    }

    [Fact]
    public void An_event_of_another_publishing_differs_in_sent_at_alone()
    {
        var row = Samples.Row(Samples.Named[0].Body);
        var (first, second) = (Parse(Samples.Make().Of(row)), Parse(Samples.Make().Of(row)));
        Assert.True(first.Remove("sent_at") && second.Remove("sent_at"));
        Assert.Equal(first.ToJsonString(), second.ToJsonString());
    }

    [Fact]
    public void The_examples_of_the_contract_are_what_is_published()
    {
        string folder = Path.Combine(Contract, "examples");
        var wanted = Samples.All(Samples.Make()).ToDictionary(s => s.Name + ".json", s => Example(s.Message));
        if (Environment.GetEnvironmentVariable("LOCKSTEP_WRITE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(folder);
            foreach (var (file, text) in wanted)
            {
                File.WriteAllText(Path.Combine(folder, file), text);
            }
        }

        Assert.Equal(wanted.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.All(wanted, w => Assert.Equal(w.Value, File.ReadAllText(Path.Combine(folder, w.Key))));
    }

    [Fact]
    public void The_examples_keep_the_schema_of_the_contract()
    {
        using var schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(Contract, "envelope.schema.json")));
        foreach (var (name, message) in Samples.All(Samples.Make()))
        {
            using var envelope = JsonDocument.Parse(message.Body);
            Assert.True(MiniSchema.IsValid(schema.RootElement, envelope.RootElement), name);
            var without = JsonNode.Parse(message.Body)!.AsObject();
            without.Remove("event_id");
            using var spoilt = JsonDocument.Parse(without.ToJsonString());
            Assert.False(MiniSchema.IsValid(schema.RootElement, spoilt.RootElement), name);
        }
    }

    private static string Example(Message message)
    {
        var envelope = JsonNode.Parse(message.Body)!.AsObject();
        if (message.Type is "price.tick" or "account.info" or "positions.snapshot" or "pending_orders")
        {
            // A state has a new one each time.
            envelope["event_id"] = "00000000-0000-4000-8000-000000000000";
        }

        var uuid = (string?)envelope["account_id"] is { } text ? Guid.Parse(text) : (Guid?)null;
        var keys = new JsonObject();
        foreach (var style in Enum.GetValues<AmqpKeyStyle>())
        {
            keys[style.ToString().ToLower(CultureInfo.InvariantCulture)] = RoutingKeys.Of(style, message.Type, uuid, (string?)envelope["broker_login"]);
        }

        return new JsonObject { ["routing_keys"] = keys, ["envelope"] = envelope }.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Parse(string name) => Parse(Samples.All(Samples.Make()).Single(s => s.Name == name).Message);

    private static JsonObject Parse(Message message) => JsonNode.Parse(Encoding.UTF8.GetString(message.Body))!.AsObject();
}
