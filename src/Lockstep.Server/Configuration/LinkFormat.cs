using static Lockstep.Server.Configuration.CommonShapes;

namespace Lockstep.Server.Configuration;

/// <summary>The part of the format that maps one-to-one onto the engine's link settings.</summary>
internal static class LinkFormat
{
    private static readonly TextShape TimeOfDay = new("^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", "a time of day in UTC such as \"08:30\", at most \"24:00\"");
    private static readonly NumberShape Points = new(1_000_000_000, 0, Whole: true);
    private static readonly ListShape SymbolList = new(SymbolText);
    private static readonly ListShape MagicList = new(new NumberShape(9_007_199_254_740_991m, -9_007_199_254_740_991m, Whole: true));

    private static readonly ObjectShape Sizing = new(
        "sizing",
        new Key("mode", new ChoiceShape("same", "multiplier", "fixed", "balanceRatio", "equityRatio", "freeMarginRatio", "fixedReference"),
            "How the volume is worked out: the source's; × factor; always fixedLots; × target ÷ source balance, equity or free margin × factor; × target balance ÷ reference × factor.", "\"same\""),
        new Key("factor", new NumberShape(10_000m, Above: 0m), "Factor of all modes but \"same\" and \"fixed\".", "1"),
        new Key("fixedLots", LotsNumber, "Volume of mode \"fixed\", in target lots."),
        new Key("reference", new NumberShape(1_000_000_000_000m, Above: 0m), "Amount of mode \"fixedReference\", in the target's currency."),
        new Key("normaliseContracts", Flag, "Make contract sizes equal: 1 lot of 100 oz is 10 lots of 10 oz.", "true"),
        new Key("rounding", new ChoiceShape("down", "nearest", "up"), "Rounding on the target's lot step.", "\"down\""),
        new Key("raiseToMinimum", Flag, "A volume below the target's minimum is raised to it (true) or the trade is skipped (false).", "false"),
        new Key("raiseCap", new NumberShape(10_000m, 1), "Raising may multiply the wanted volume at most by this; above it the trade is skipped.", "5"),
        new Key("maxLots", LotsNumber, "Largest volume for one source position, in target lots; null = the symbol's.", "null") { Nullable = true },
        new Key("carryResidue", Flag, "Carry what rounding left over to the next trade of the same symbol and side.", "false"));

    private static readonly ObjectShape Window = new(
        "window",
        new Key("day", new ChoiceShape("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "Day of the week, UTC.") { Required = true },
        new Key("from", TimeOfDay, "First minute.") { Required = true },
        new Key("to", TimeOfDay, "End, not included.") { Required = true });

    private static readonly ObjectShape Filters = new(
        "filters",
        new Key("allow", SymbolList, "Only these source symbols; empty = any.", "[]"),
        new Key("deny", SymbolList, "Never these source symbols; stands over allow.", "[]"),
        new Key("onlySide", new ChoiceShape("buy", "sell"), "Only this side of the source; null = both.", "null") { Nullable = true },
        new Key("magics", MagicList, "Only these magic numbers (0 = by hand); empty = any.", "[]"),
        new Key("denyMagics", MagicList, "Never these magic numbers.", "[]"),
        new Key("commentContains", Comment, "The source's comment must contain this; null = any.", "null") { Nullable = true },
        new Key("commentLacks", Comment, "The source's comment must not contain this; null = any.", "null") { Nullable = true },
        new Key("maxAge", Duration(TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(365)), "Oldest trade to open, from its opening to now; null = any.", "\"1m\"") { Nullable = true },
        new Key("maxDeviationPoints", Points, "Largest distance of the target's price from the source's, in target points; null = any.", "null") { Nullable = true },
        new Key("deviationOneSided", Flag, "Count only a worse price as deviation.", "false"),
        new Key("maxSpreadPoints", Points, "Widest spread of the target, in target points; null = any.", "null") { Nullable = true },
        new Key("schedule", new ListShape(Window, 200), "When to open, in weekly windows; empty = always. Closing knows no schedule.", "[]"));

    private static readonly ObjectShape SymbolNames = new(
        "symbols",
        new Key("map", new MapShape(SymbolText, "^[^\\s\\u0000-\\u001F]{1,64}$", "source symbols, 1 to 64 characters without spaces"), "Explicit pairs: source symbol to target symbol; stand over the rest.", "{}"),
        new Key("stripPrefix", Affix, "Cut from the start of the source's name when it is there.", "\"\""),
        new Key("stripSuffix", Affix, "Cut from the end of the source's name when it is there.", "\"\""),
        new Key("addPrefix", Affix, "Put before.", "\"\""),
        new Key("addSuffix", Affix, "Put after.", "\"\""));

    private static readonly ObjectShape Naked = new(
        "naked",
        new Key("time", Duration(TimeSpan.FromMilliseconds(100), TimeSpan.FromDays(30)), "How long a source position may stand without its target before it is closed; null = no limit.", "null") { Nullable = true },
        new Key("loss", new NumberShape(1_000_000_000_000m, Above: 0m), "How much it may lose meanwhile, in the source's currency, before it is closed; null = no limit.", "null") { Nullable = true });

    /// <summary>One link.</summary>
    public static readonly ObjectShape Link = new(
        "link",
        new Key("name", Name, "The link's name.") { Required = true },
        new Key("source", Name, "Account where trades come from.") { Required = true },
        new Key("target", Name, "Account where they go.") { Required = true },
        new Key("kind", new ChoiceShape("copy", "hedge"), "\"copy\": buy stays buy. \"hedge\": buy becomes sell, stop loss and take profit change places, limit orders become stop orders.", "\"copy\""),
        new Key("mode", new ChoiceShape("on", "closeOnly", "off", "shadow"), "Everything; reduce and close only; nothing at all; decide and record but send nothing.", "\"on\""),
        new Key("sizing", Sizing, "How volumes are worked out.", "{}"),
        new Key("filters", Filters, "Which trades are taken.", "{}"),
        new Key("symbols", SymbolNames, "How the target's symbol is found.", "{}"),
        new Key("stops", new ChoiceShape("copy", "ignore"), "Whether stop loss and take profit are carried over.", "\"copy\""),
        new Key("pending", new ChoiceShape("onFill", "native", "ignore"), "Pending orders: a market order when the source's fills; a pending order of the target's own (hedging mode only); nothing.", "\"onFill\""),
        new Key("sourceFilledFirst", new ChoiceShape("market", "wait"), "With native pending orders, when the source's filled and ours did not: open at market, or go on waiting.", "\"market\""),
        new Key("existing", new ChoiceShape("ignore", "join", "joinAtEqualOrBetter"), "Positions that were open before the link: leave; copy; copy those that can be had at their price or better.", "\"ignore\""),
        new Key("inDoubt", new ChoiceShape("lapse", "reopen"), "An opening that was in doubt and proved absent: give it up, or try again while age and price allow.", "\"lapse\""),
        new Key("closeAfterSourceLost", Duration(TimeSpan.FromSeconds(1), TimeSpan.FromDays(30)), "Close what the link holds when its source has been lost for this long; null = keep it.", "null") { Nullable = true },
        new Key("closeOnRemoval", Flag, "When the link is removed: close its positions (true), or leave them to the owner (false).", "false"),
        new Key("twoWay", Flag, "When the target's position ends by itself, close the source's too. Needs a target in hedging mode.", "false"),
        new Key("naked", Naked, "What a source position may risk while its target is missing.", "{}"),
        new Key("maxOpenAttempts", new NumberShape(20, 1, Whole: true), "How often an opening is tried in all. Closing has no such limit.", "3"));
}
