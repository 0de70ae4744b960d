using FsCheck;
using FsCheck.Fluent;

namespace Lockstep.Domain.Tests;

/// <summary>How properties are checked here: more values than the library's hundred, and the smallest failing one in the exception.</summary>
internal static class Holding
{
    private static readonly Config Thorough = Config.QuickThrowOnFailure.WithMaxTest(2_000);

    /// <summary>Throws when the property fails.</summary>
    public static void Holds(this Property property) => property.Check(Thorough);
}
