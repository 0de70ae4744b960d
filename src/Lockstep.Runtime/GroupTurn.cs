namespace Lockstep.Runtime;

/// <summary>
/// Lets a thread that brings reports in do the work that they cause, decisions, commit and sending included, once it has brought all that it has: no hand-over to another thread lies
/// between a frame and the order it leads to. A group that is at work already, or a disk that somebody else writes to, is left to the group's own loop.
/// </summary>
public static class GroupTurn
{
    [ThreadStatic]
    private static Turn? t_turn;

    /// <summary>From here on, groups that are given something on this thread wait for <see cref="End"/>. Not nested.</summary>
    public static void Begin() => (t_turn ??= new Turn()).Open = true;

    /// <summary>Works for the groups that were given something since <see cref="Begin"/>. Never throws.</summary>
    public static void End()
    {
        if (t_turn is not { Open: true } turn)
        {
            return;
        }

        // What the work itself brings about (an answer at once) goes to the groups' own loops.
        turn.Open = false;
        foreach (var runner in turn.Runners)
        {
            runner.WorkHere();
        }

        turn.Runners.Clear();
    }

    /// <summary>True when the runner will be worked for at the end of this thread's turn.</summary>
    internal static bool Joins(GroupRunner runner)
    {
        if (t_turn is not { Open: true } turn)
        {
            return false;
        }

        if (!turn.Runners.Contains(runner))
        {
            turn.Runners.Add(runner);
        }

        return true;
    }

    private sealed class Turn
    {
        public List<GroupRunner> Runners { get; } = new(1);

        public bool Open { get; set; }
    }
}
