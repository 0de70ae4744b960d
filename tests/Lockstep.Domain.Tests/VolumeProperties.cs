using FsCheck;
using FsCheck.Fluent;

namespace Lockstep.Domain.Tests;

/// <summary>What always holds of volumes on a symbol's step, whatever the step.</summary>
public class VolumeProperties
{
    private static readonly decimal[] Steps = [0.01m, 0.1m, 1m, 0.001m, 0.02m, 0.05m, 0.25m, 3m, 0.00000001m];

    private static readonly decimal[] Contracts = [100_000m, 100m, 10m, 1m, 1_000m, 5_000m, 0.1m, 42_000m];

    private static readonly Arbitrary<(SymbolSpec Spec, Lots Volume)> OnSomeSymbol = (
        from step in Gen.Elements(Steps)
        from units in Gen.Choose(0, 2_000_000_000)
        from places in Gen.Choose(0, 9)
        select (Specs.With(step), new Lots(units / Specs.PowerOfTen(places)))).ToArbitrary();

    private static readonly Arbitrary<int[]> Changes = Gen.ArrayOf(Gen.Choose(-1_000_000, 1_000_000)).ToArbitrary();

    [Fact]
    public void RoundDown_is_the_last_step_at_or_below() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var down = spec.RoundDown(volume);
        return spec.IsOnStep(down) && down <= volume && volume < down + spec.LotStep;
    });

    [Fact]
    public void RoundUp_is_the_first_step_at_or_above() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var up = spec.RoundUp(volume);
        return spec.IsOnStep(up) && up >= volume && volume > up - spec.LotStep;
    });

    [Fact]
    public void RoundNearest_is_within_half_a_step_and_a_tie_goes_down() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var near = spec.RoundNearest(volume);
        decimal away = (near - volume).Value;
        return spec.IsOnStep(near) && Math.Abs(away) * 2 <= spec.LotStep.Value && away * 2 != spec.LotStep.Value;
    });

    [Fact]
    public void What_is_on_the_step_stays_where_it_is() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var on = spec.RoundDown(volume);
        return spec.RoundDown(on) == on && spec.RoundUp(on) == on && spec.RoundNearest(on) == on;
    });

    [Fact]
    public void Rounding_keeps_the_order_of_volumes() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var more = volume + new Lots(spec.LotStep.Value / 3m);
        return spec.RoundDown(volume) <= spec.RoundDown(more) && spec.RoundUp(volume) <= spec.RoundUp(more) && spec.RoundNearest(volume) <= spec.RoundNearest(more);
    });

    [Fact]
    public void The_residue_of_rounding_is_exact() => Check(OnSomeSymbol, (spec, volume) =>
    {
        var down = spec.RoundDown(volume);
        return down + (volume - down) == volume;
    });

    [Fact]
    public void Sums_do_not_drift_in_whatever_order_they_are_made() => Prop.ForAll(Changes, changes =>
    {
        var sum = changes.Aggregate(Lots.Zero, (total, change) => total + new Lots(change / 100m));
        var backwards = changes.Reverse().Aggregate(Lots.Zero, (total, change) => total + new Lots(change / 100m));
        return sum == backwards && sum == new Lots(changes.Sum(change => (long)change) / 100m) && (sum - sum).IsZero;
    }).Holds();

    [Fact]
    public void A_volume_closed_part_by_part_ends_at_exactly_zero() => Prop.ForAll(Changes, parts =>
    {
        var open = parts.Aggregate(Lots.Zero, (total, part) => total + new Lots(part / 100m).Abs);
        var left = parts.Aggregate(open, (rest, part) => rest - new Lots(part / 100m).Abs);
        return left.IsZero && left == Lots.Zero;
    }).Holds();

    [Fact]
    public void Units_of_the_base_asset_convert_to_lots_and_back_exactly() => Prop.ForAll(
        (from contract in Gen.Elements(Contracts) from steps in Gen.Choose(1, 1_000_000) select (contract, new Lots(steps / 100m))).ToArbitrary(),
        pair =>
        {
            var (contract, volume) = pair;
            decimal units = volume.Value * contract;
            decimal hundredths = units * 100m;
            return new Lots(units / contract) == volume && new Lots(hundredths / 100m / contract) == volume;
        }).Holds();

    [Fact]
    public void The_same_exposure_on_another_contract_size_comes_back_to_the_step() => Prop.ForAll(
        (from here in Gen.Elements(Contracts) from there in Gen.Elements(Contracts) from steps in Gen.Choose(1, 1_000_000) select (here, there, new Lots(steps / 100m))).ToArbitrary(),
        triple =>
        {
            // The ratio itself may be periodic (100 ÷ 42,000): exactness then ends at the 28th digit, and the step brings the very volume back.
            var (here, there, volume) = triple;
            var converted = volume * (here / there);
            var back = converted * (there / here);
            return Specs.With(0.01m).RoundNearest(back) == volume && (back - volume).Abs.Value < 0.000000000001m;
        }).Holds();

    [Fact]
    public void Signed_volumes_of_opposite_sides_cancel() => Check(OnSomeSymbol, (_, volume) =>
        (Side.Buy.Signed(volume) + Side.Sell.Signed(volume)).IsZero
        && Side.Sell.Signed(volume) == -volume
        && Side.Buy.Opposite() == Side.Sell && Side.Sell.Opposite().Opposite() == Side.Sell
        && Side.Sell.Sign() == -Side.Buy.Sign());

    [Fact]
    public void Comparison_agrees_with_the_numbers() => Prop.ForAll(Changes, changes =>
    {
        for (int i = 1; i < changes.Length; i++)
        {
            var a = new Lots(changes[i - 1] / 100m);
            var b = new Lots(changes[i] / 100m);
            bool right = (a < b) == (changes[i - 1] < changes[i]) && (a >= b) == !(a < b) && (a <= b) == !(a > b) && Math.Sign(a.CompareTo(b)) == (a - b).Sign
                && Lots.Min(a, b) + Lots.Max(a, b) == a + b && a.Abs.Sign >= 0;
            if (!right)
            {
                return false;
            }
        }

        return true;
    }).Holds();

    private static void Check(Arbitrary<(SymbolSpec Spec, Lots Volume)> values, Func<SymbolSpec, Lots, bool> holds) =>
        Prop.ForAll(values, value => holds(value.Spec, value.Volume)).Holds();
}
