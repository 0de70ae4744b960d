using System.Globalization;
using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Server.Configuration;

/// <summary>Makes link settings of a link's section; an absent key leaves the engine's own default.</summary>
internal static class LinkReader
{
    /// <summary>Null when the link lacks what it cannot be without.</summary>
    public static LinkSettings? Read(ItemReader link)
    {
        if (link.Text("name") is not { } name || link.Text("source") is not { } source || link.Text("target") is not { } target)
        {
            return null;
        }

        var settings = new LinkSettings { Id = new LinkId(name), Source = new AccountId(source), Target = new AccountId(target) };
        var naked = link.Below("naked");
        return settings with
        {
            Kind = link.Choice<LinkKind>("kind") ?? settings.Kind,
            Mode = link.Choice<LinkMode>("mode") ?? settings.Mode,
            Sizing = Sizing(link.Below("sizing")),
            Filters = Filters(link.Below("filters")),
            Symbols = Symbols(link.Below("symbols")),
            Stops = link.Choice<StopsPolicy>("stops") ?? settings.Stops,
            Pending = link.Choice<PendingPolicy>("pending") ?? settings.Pending,
            SourceFilledFirst = link.Choice<SourceFilledFirst>("sourceFilledFirst") ?? settings.SourceFilledFirst,
            Existing = link.Choice<ExistingPolicy>("existing") ?? settings.Existing,
            InDoubt = link.Choice<InDoubtPolicy>("inDoubt") ?? settings.InDoubt,
            CloseAfterSourceLost = link.Duration("closeAfterSourceLost"),
            CloseOnRemoval = link.Flag("closeOnRemoval", settings.CloseOnRemoval),
            TwoWay = link.Flag("twoWay", settings.TwoWay),
            NakedTime = naked.Duration("time"),
            NakedLoss = naked.Number("loss") is { } loss ? new Money(loss) : null,
            MaxOpenAttempts = link.Whole("maxOpenAttempts") ?? settings.MaxOpenAttempts,
        };
    }

    private static SizingSettings Sizing(ItemReader sizing)
    {
        var settings = new SizingSettings();
        return settings with
        {
            Mode = sizing.Choice<SizingMode>("mode") ?? settings.Mode,
            Factor = sizing.Number("factor") ?? settings.Factor,
            FixedLots = sizing.Lots("fixedLots") ?? settings.FixedLots,
            Reference = sizing.Number("reference") is { } reference ? new Money(reference) : settings.Reference,
            NormaliseContracts = sizing.Flag("normaliseContracts", settings.NormaliseContracts),
            Rounding = sizing.Choice<RoundingPolicy>("rounding") ?? settings.Rounding,
            RaiseToMinimum = sizing.Flag("raiseToMinimum", settings.RaiseToMinimum),
            RaiseCap = sizing.Number("raiseCap") ?? settings.RaiseCap,
            MaxLots = sizing.Lots("maxLots"),
            CarryResidue = sizing.Flag("carryResidue", settings.CarryResidue),
        };
    }

    private static FilterSettings Filters(ItemReader filters)
    {
        var settings = new FilterSettings();
        return settings with
        {
            Allow = Names(filters, "allow"),
            Deny = Names(filters, "deny"),
            OnlySide = filters.Choice<Side>("onlySide"),
            Magics = Magics(filters, "magics"),
            DenyMagics = Magics(filters, "denyMagics"),
            CommentContains = filters.Text("commentContains"),
            CommentLacks = filters.Text("commentLacks"),
            MaxAge = filters.IsNull("maxAge") ? null : filters.Duration("maxAge") ?? settings.MaxAge,
            MaxDeviationPoints = filters.Whole("maxDeviationPoints"),
            DeviationOneSided = filters.Flag("deviationOneSided", settings.DeviationOneSided),
            MaxSpreadPoints = filters.Whole("maxSpreadPoints"),
            Schedule = [.. filters.List("schedule").Select(item => Window(filters.Of(item))).OfType<ScheduleWindow>()],
        };
    }

    private static SymbolMapSettings Symbols(ItemReader symbols) => new()
    {
        Pairs = [.. symbols.Map("map").Select(m => new SymbolPair(new SymbolName(m.Key), new SymbolName(m.Value.Text)))],
        StripPrefix = symbols.Text("stripPrefix") ?? "",
        StripSuffix = symbols.Text("stripSuffix") ?? "",
        AddPrefix = symbols.Text("addPrefix") ?? "",
        AddSuffix = symbols.Text("addSuffix") ?? "",
    };

    private static ScheduleWindow? Window(ItemReader window) =>
        window.Choice<DayOfWeek>("day") is { } day && window.Text("from") is { } from && window.Text("to") is { } to
            ? new ScheduleWindow(day, Time(from), Time(to))
            : null;

    private static TimeSpan Time(string text) =>
        new(int.Parse(text.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(text.AsSpan(3, 2), CultureInfo.InvariantCulture), 0);

    private static IReadOnlyList<SymbolName> Names(ItemReader reader, string key) => [.. reader.List(key).Select(i => new SymbolName(i.Text))];

    private static IReadOnlyList<long> Magics(ItemReader reader, string key) => [.. reader.List(key).Select(i => (long)ItemReader.Number(i))];
}
