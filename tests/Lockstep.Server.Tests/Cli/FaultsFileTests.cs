using System.Reflection;
using System.Text.Json;
using Lockstep.Server.Cli;
using Lockstep.Simulator;

namespace Lockstep.Server.Tests.Cli;

public class FaultsFileTests
{
    [Fact]
    public void Faults_of_server_and_broker_are_read_with_their_times()
    {
        var read = FaultsFile.Read(
            """
            {
              // Comments are allowed.
              "dropAfterPercent": 1.5, "delayMax": "5s", "maintenanceFor": 1500, "rejectCode": "MARKET_CLOSED", "blockSeconds": 7, "spotBeforeAnswer": false,
              "broker": { "rejectPercent": 5, "replyLateMax": "2m", "slippageMaxPoints": 3 },
            }
            """,
            out var problems);
        Assert.Empty(problems);
        Assert.Equal(
            new SimOpenApiFaults { DropAfterPercent = 1.5m, DelayMax = TimeSpan.FromSeconds(5), MaintenanceFor = TimeSpan.FromMilliseconds(1500), RejectCode = "MARKET_CLOSED", BlockSeconds = 7, SpotBeforeAnswer = false },
            read.Server);
        Assert.Equal(new BrokerFaults { RejectPercent = 5, ReplyLateMax = TimeSpan.FromMinutes(2), SlippageMaxPoints = 3 }, read.Broker);
    }

    [Fact]
    public void An_empty_object_is_no_faults()
    {
        Assert.Equal(FaultsFile.None, FaultsFile.Read("{}", out var problems));
        Assert.Empty(problems);
    }

    [Fact]
    public void Every_property_can_be_set()
    {
        foreach (var (type, path) in new[] { (typeof(SimOpenApiFaults), ""), (typeof(BrokerFaults), "broker") })
        {
            foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
            {
                var kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
                string value = kind == typeof(string) ? "\"X\"" : kind == typeof(bool) ? "true" : kind == typeof(TimeSpan) ? "\"11ms\"" : "11";
                string member = $"\"{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}\": {value}";
                var read = FaultsFile.Read(path.Length == 0 ? $"{{{member}}}" : $"{{\"{path}\": {{{member}}}}}", out var problems);
                Assert.Empty(problems);
                string shown = Convert.ToString(property.GetValue(path.Length == 0 ? read.Server : read.Broker), System.Globalization.CultureInfo.InvariantCulture)!;
                Assert.Equal(kind == typeof(string) ? "X" : kind == typeof(bool) ? "True" : kind == typeof(TimeSpan) ? "00:00:00.0110000" : "11", shown);
            }
        }
    }

    [Theory]
    [InlineData("""{"dropAfterPercnt": 1}""", "dropAfterPercnt: there is no such fault; did you mean \"dropAfterPercent\"?")]
    [InlineData("""{"brokers": {}}""", "brokers: there is no such fault; did you mean \"broker\"?")]
    [InlineData("""{"broker": {"rejctPercent": 1}}""", "broker.rejctPercent: there is no such fault; did you mean \"rejectPercent\"?")]
    [InlineData("""{"broker": 5}""", "broker: must be an object")]
    [InlineData("""{"dropAfterPercent": 101}""", "dropAfterPercent: must be a number of percent from 0 to 100")]
    [InlineData("""{"dropAfterPercent": "1"}""", "dropAfterPercent: must be a number of percent from 0 to 100")]
    [InlineData("""{"delayMax": "5 s"}""", "delayMax: must be a duration such as \"500ms\", \"10s\" or \"5m\", or a number of milliseconds, at most a day")]
    [InlineData("""{"delayMax": -1}""", "delayMax: must be a duration such as \"500ms\", \"10s\" or \"5m\", or a number of milliseconds, at most a day")]
    [InlineData("""{"delayMax": "2d"}""", "delayMax: must be a duration such as \"500ms\", \"10s\" or \"5m\", or a number of milliseconds, at most a day")]
    [InlineData("""{"blockSeconds": 1.5}""", "blockSeconds: must be a whole number from 0 to 1000000")]
    [InlineData("""{"foreignIds": 1}""", "foreignIds: must be true or false")]
    [InlineData("""{"rejectCode": ""}""", "rejectCode: must be a text of 1 to 100 characters")]
    [InlineData("""{"foreignIds": true, "foreignIds": false}""", "foreignIds: stands there twice")]
    [InlineData("[]", "the file must hold one JSON object")]
    [InlineData("{\n{", "line 2: this is no JSON")]
    public void What_is_wrong_is_told_with_its_key(string json, string problem)
    {
        FaultsFile.Read(json, out var problems);
        Assert.Equal([problem], problems);
    }
}
