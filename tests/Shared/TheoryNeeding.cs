namespace Lockstep.Testing;

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
