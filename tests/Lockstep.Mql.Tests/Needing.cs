using Lockstep.MqlHarness.Build;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

/// <summary>A theory that needs something of the machine, as <see cref="FactNeedingAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TheoryNeedingAttribute : TheoryAttribute
{
    public TheoryNeedingAttribute(params string[] needs)
    {
        Needs = needs;
        Skip = Requires.Missing(needs);
    }

    public IReadOnlyList<string> Needs { get; }
}

/// <summary>A fact that needs a shim with TLS.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactNeedingTlsAttribute : FactAttribute
{
    public FactNeedingTlsAttribute()
    {
        Skip = Requires.Missing("g++") ?? (MqlCompiler.HasTls || Requires.Everything ? null : "needs the OpenSSL headers, not to be had here: TLS calls fail with 5274");
    }
}
