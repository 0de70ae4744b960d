using Lockstep.MqlHarness.Build;
using Lockstep.Testing;

namespace Lockstep.Mql.Tests;

/// <summary>A fact that needs a shim with TLS.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactNeedingTlsAttribute : FactAttribute
{
    public FactNeedingTlsAttribute()
    {
        Skip = Requires.Missing("g++") ?? (MqlCompiler.HasTls || Requires.Everything ? null : "needs the OpenSSL headers, not to be had here: TLS calls fail with 5274");
    }
}
