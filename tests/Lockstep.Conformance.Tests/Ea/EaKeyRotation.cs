using Lockstep.Domain;
using Lockstep.MqlHarness.Terminal;
using Lockstep.Testing;

namespace Lockstep.Conformance.Tests;

/// <summary>The next key over the live session (PROTOCOL.md §10), with the real Expert Advisor: whoever dies when, the terminal finds its way in again.</summary>
public class EaKeyRotation
{
    private const string Second = "lk_second_0123456789abcdef";
    private const string Third = "lk_third_0123456789abcdef";

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.Mt4)]
    public void The_next_key_is_kept_at_once_and_used_from_the_next_connection_on(PlatformKind platform)
    {
        using var house = new EaKeyHouse(platform);
        var expert = house.Terminal();
        house.Until(() => house.Seats.Count == 1, 30, "in");
        house.Add("second", Second);
        house.HandOver("second");
        house.Until(() => house.Told.Contains("kept second"), 5, "kept");
        Assert.Equal("first", Assert.Single(house.Seats).Key);
        house.End("first");
        expert.Line.Cut();
        house.Until(() => house.Told.Contains("in second"), 30, "in with the second");
        Assert.Equal(0, house.Refused);

        // The input still has the first one, which is over.
        expert.Stop();
        expert.Restart();
        house.Until(() => house.Told.Count(t => t == "in second") == 2, 30, "in again");
        Assert.Equal(0, house.Refused);
        house.Add("third", Third);
        house.HandOver("third");
        house.Until(() => house.Told.Contains("kept third"), 5, "kept");
        Assert.Equal(["in first", "kept second", "in second", "in second", "kept third"], house.Told);
        Assert.DoesNotContain(house.Printed, line => line.Contains(EaKeyHouse.First, StringComparison.Ordinal) || line.Contains(Second, StringComparison.Ordinal) || line.Contains(Third, StringComparison.Ordinal));
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.Mt4)]
    public void Two_terminals_of_one_account_have_both_keys_and_one_that_was_away_gets_it_later(PlatformKind platform)
    {
        using var house = new EaKeyHouse(platform);
        var one = house.Terminal();
        var two = house.Terminal();
        house.Until(() => house.Seats.Count == 2, 30, "both in");
        two.Line.Down = true;
        two.Line.Cut();
        house.Add("second", Second);
        house.HandOver("second");
        house.Until(() => house.Told.Contains("kept second"), 5, "kept by one");
        two.Line.Down = false;
        house.Until(() => house.Seats.Count == 2, 60, "the other is back, with the old one");

        // The one that has it is handed it once more, and answers once more.
        house.HandOver("second");
        house.Until(() => house.Told.Count(t => t == "kept second") == 3, 5, "kept by both");
        house.End("first");
        one.Line.Cut();
        two.Line.Cut();
        house.Until(() => house.Told.Count(t => t == "in second") == 2, 60, "both in with the second");
        Assert.Equal(0, house.Refused);
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt5)]
    [InlineData(PlatformKind.Mt4)]
    public void A_key_that_the_server_does_not_know_any_more_gives_way_to_the_one_before_it_and_back(PlatformKind platform)
    {
        using var house = new EaKeyHouse(platform);
        var expert = house.Terminal();
        house.Until(() => house.Seats.Count == 1, 30, "in");
        house.Add("second", Second);
        house.HandOver("second");
        house.Until(() => house.Told.Contains("kept second"), 5, "kept");
        house.End("second");
        expert.Line.Cut();
        house.Until(() => house.Told.Count(t => t == "in first") == 2, 10, "in with the one before, soon");
        Assert.Equal(1, house.Refused);
        house.Add("second", Second);
        house.End("first");
        expert.Line.Cut();
        house.Until(() => house.Told.Contains("in second"), 10, "and back");
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt5, KillMoment.Before)]
    [InlineData(PlatformKind.Mt5, KillMoment.Half)]
    [InlineData(PlatformKind.Mt5, KillMoment.After)]
    [InlineData(PlatformKind.Mt4, KillMoment.Before)]
    [InlineData(PlatformKind.Mt4, KillMoment.Half)]
    [InlineData(PlatformKind.Mt4, KillMoment.After)]
    public void A_terminal_killed_at_any_call_while_it_takes_a_key_comes_in_again(PlatformKind platform, KillMoment when)
    {
        int died = 0;
        for (int call = 1; call <= 12; call++)
        {
            using var house = new EaKeyHouse(platform);
            var expert = house.Terminal();
            house.Until(() => house.Seats.Count == 1, 30, "in");

            // The second is on the disk already: that file is replaced.
            house.Add("second", Second);
            house.HandOver("second");
            house.Until(() => house.Told.Contains("kept second"), 5, "kept");
            house.Add("third", Third);
            expert.Terminal.Faults = new EaTerminalFaults { KillAtCall = expert.Terminal.PlatformCalls + call, KillWhen = when };
            house.HandOver("third");
            house.Clock.RunFor(TimeSpan.FromSeconds(1));
            if (expert.Terminal.State == EaState.Killed)
            {
                died++;
                house.Told.Clear();
                expert.Terminal.Faults = EaTerminalFaults.None;
                expert.Restart();
            }
            else
            {
                expert.Terminal.Faults = EaTerminalFaults.None;
                expert.Line.Cut();
                house.Told.Clear();
            }

            house.Until(() => house.Told.Count > 0, 30, $"in after call {call}");
            Assert.True(house.Told[0] is "in second" or "in third", house.Told[0]);
            house.HandOver("third");
            house.Until(() => house.Told[^1] is "in third" or "kept third", 5, $"has the third after call {call}");
            house.End("first");
            house.End("second");
            expert.Line.Cut();
            house.Told.Clear();
            house.Until(() => house.Told.Contains("in third"), 30, $"in with the third after call {call}");
        }

        Assert.InRange(died, 6, 12);
    }

    [TheoryNeeding("g++")]
    [InlineData(PlatformKind.Mt5, 0)]
    [InlineData(PlatformKind.Mt5, 15)]
    [InlineData(PlatformKind.Mt5, 100)]
    [InlineData(PlatformKind.Mt4, 0)]
    [InlineData(PlatformKind.Mt4, 15)]
    [InlineData(PlatformKind.Mt4, 100)]
    public void A_server_killed_after_it_handed_a_key_over_is_come_to_with_one_that_it_knows(PlatformKind platform, int milliseconds)
    {
        using var house = new EaKeyHouse(platform);
        house.Terminal();
        house.Until(() => house.Seats.Count == 1, 30, "in");
        house.Add("second", Second);
        house.HandOver("second");
        house.Clock.RunFor(TimeSpan.FromMilliseconds(milliseconds));
        house.RestartServer();
        house.Told.Clear();
        house.Until(() => house.Told.Count > 0, 60, "in");
        Assert.True(house.Told[0] is "in first" or "in second", house.Told[0]);
        house.HandOver("second");
        house.Until(() => house.Told[^1] is "in second" or "kept second", 5, "has the second");
        Assert.Equal(0, house.Refused);
    }
}
