using Lockstep.Domain;

namespace Lockstep.Engine;

/// <summary>Finds the target's name of a source symbol: an explicit pair, or prefix and suffix. Nothing is guessed.</summary>
public static class SymbolMapper
{
    /// <summary>The target symbol's name; it may still be unknown to the target.</summary>
    public static SymbolName Map(SymbolMapSettings settings, SymbolName source)
    {
        for (int i = 0; i < settings.Pairs.Count; i++)
        {
            if (settings.Pairs[i].Source == source)
            {
                return settings.Pairs[i].Target;
            }
        }

        if (settings.StripPrefix.Length == 0 && settings.StripSuffix.Length == 0 && settings.AddPrefix.Length == 0 && settings.AddSuffix.Length == 0)
        {
            return source;
        }

        string name = source.Value;
        if (settings.StripPrefix.Length > 0 && name.Length > settings.StripPrefix.Length && name.StartsWith(settings.StripPrefix, StringComparison.Ordinal))
        {
            name = name[settings.StripPrefix.Length..];
        }

        if (settings.StripSuffix.Length > 0 && name.Length > settings.StripSuffix.Length && name.EndsWith(settings.StripSuffix, StringComparison.Ordinal))
        {
            name = name[..^settings.StripSuffix.Length];
        }

        return new SymbolName(settings.AddPrefix + name + settings.AddSuffix);
    }
}
