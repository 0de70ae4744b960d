using System.Collections.Concurrent;

namespace Lockstep.Server.Streams;

/// <content>Latest values: cells, and the views that show them.</content>
internal sealed partial class StreamHub
{
    private readonly ConcurrentDictionary<CellKey, Cell> _cells = [];
    private readonly ConcurrentQueue<Cell> _dirty = new();
    private readonly Dictionary<string, StreamView> _views = [];
    private readonly HashSet<Cell> _known = [];
    private long _turn;
    private long _turnAt;

    /// <summary>The view of that name, this one or the one that is there. The pump's.</summary>
    internal StreamView Use(StreamView view)
    {
        if (!_views.TryGetValue(view.Name, out var used))
        {
            _views[view.Name] = used = view;
            foreach (var cell in _known.Where(c => view.Wants(c.Key)))
            {
                view.Add(cell);
            }
        }

        used.Users++;
        return used;
    }

    /// <summary>Gives a view back. The pump's.</summary>
    internal void Leave(StreamView view)
    {
        if (--view.Users == 0)
        {
            _views.Remove(view.Name);
            view.Close();
        }
    }

    /// <summary>Puts a value in.</summary>
    internal void Put(CellKey key, object value)
    {
        var cell = CellOf(key);
        if (cell.Put(value))
        {
            Dirty(cell);
        }
    }

    /// <summary>The cell of a key.</summary>
    internal Cell CellOf(CellKey key) => _cells.TryGetValue(key, out var cell) ? cell : _cells.GetOrAdd(key, k => new Cell(k));

    private void Dirty(Cell cell)
    {
        _dirty.Enqueue(cell);
        if (Connections > 0)
        {
            Wake();
        }
    }

    /// <summary>Forgets a value that nobody keeps up to date any more: who asks again must not get the old one. The pump's.</summary>
    private void Drop(CellKey key)
    {
        if (_cells.TryRemove(key, out var cell))
        {
            _known.Remove(cell);
        }
    }

    /// <summary>Takes over what changed, when the time of a turn has come; else the pump is woken then.</summary>
    private bool TakeCells()
    {
        if (_dirty.IsEmpty)
        {
            return false;
        }

        var pause = _clients.Count * Limits.TurnPerClient;
        pause = pause < TimeSpan.FromMilliseconds(1) ? TimeSpan.Zero : pause > Limits.TurnMost ? Limits.TurnMost : pause;
        var due = pause - _time.GetElapsedTime(_turnAt);
        if (_turn > 0 && due > TimeSpan.Zero)
        {
            _next.Change(due, Timeout.InfiniteTimeSpan);
            return false;
        }

        _turn++;
        _turnAt = _time.GetTimestamp();

        // What is put in meanwhile is of the next turn: a cell changes once in one.
        for (int left = _dirty.Count; left > 0 && _dirty.TryDequeue(out var cell); left--)
        {
            if (!_cells.TryGetValue(cell.Key, out var there) || there != cell)
            {
                continue;
            }

            // Before it has a value: a view takes in new cells without a turn of their own.
            if (_known.Add(cell))
            {
                foreach (var view in _views.Values.Where(v => v.Wants(cell.Key)))
                {
                    view.Add(cell);
                }
            }

            cell.Take(_turn);
            if (cell.Key.Kind == CellKind.Floating)
            {
                Floats(cell.Key.Account);
            }

            foreach (var view in cell.Views)
            {
                view.Change(cell, _turn);
            }
        }

        return true;
    }
}
