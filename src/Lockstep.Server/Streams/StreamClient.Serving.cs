using System.Buffers;
using Lockstep.MetaTrader.Wire;
using Lockstep.Storage;

namespace Lockstep.Server.Streams;

/// <content>What it is given: answers, events from the log or the ring, values.</content>
internal abstract partial class StreamClient
{
    /// <summary>Gives it what it waits for, as far as its connection takes it.</summary>
    public void Serve()
    {
        if (_gone)
        {
            return;
        }

        PassOver();
        if (IsBehind())
        {
            return;
        }

        while (Waits() && _connection.Ready())
        {
            var scratch = Hub.Scratch;
            scratch.ResetWrittenCount();
            while (scratch.WrittenCount < Piece && _answers.TryDequeue(out byte[]? answer))
            {
                scratch.Write(answer);
            }

            WriteEvents(scratch);
            var values = scratch.WrittenCount < Piece ? Values(scratch) : default;
            if (scratch.WrittenCount == 0)
            {
                if (values.Length == 0)
                {
                    return;
                }

                // The usual case: what all get, as it is.
                _connection.SendFrames(values.Span);
                continue;
            }

            scratch.Write(values.Span);
            _connection.SendFrames(scratch.WrittenSpan);
        }
    }

    private bool Waits() => _answers.Count > 0 || (!_holding && (_backlog.Count > 0 || (Cursor < Hub.Ring.Last && Cursor + 1 >= Hub.Ring.First))) || _view?.Turn > _viewTurn;

    /// <summary>Goes over events that it does not want, so that nobody falls behind by what is not his.</summary>
    private void PassOver()
    {
        if (_holding || _backlog.Count > 0 || _reading)
        {
            return;
        }

        var ring = Hub.Ring;
        while (Cursor < ring.Last && Cursor + 1 >= ring.First && !Wants(ring[Cursor + 1]))
        {
            Cursor++;
        }
    }

    private bool Wants(EventFrame e) => Filter.Wants(e) && !(_floors is not null && e.Row.Account is { } account && _floors.TryGetValue(account, out long floor) && e.Row.Id <= floor);

    /// <summary>Looks whether its next event has left the ring. Who had reached the end before and did not read since is cut off; who comes from further back is read to from the log.</summary>
    private bool IsBehind()
    {
        if (_holding || _reading || _backlog.Count > 0 || Cursor + 1 >= Hub.Ring.First)
        {
            return false;
        }

        if (_through >= 0)
        {
            ReadLog();
            return false;
        }

        Hub.CutOff++;
        Close(StreamClose.TooSlow, "too slow: events wait that are not read; connect again and go on after the last one you have");
        return true;
    }

    private void WriteEvents(ArrayBufferWriter<byte> to)
    {
        if (_holding)
        {
            return;
        }

        while (to.WrittenCount < Piece && _backlog.TryDequeue(out var e))
        {
            Cursor = e.Row.Id;
            Write(e);
        }

        if (_backlog.Count > 0 || _reading)
        {
            return;
        }

        Cursor = Math.Max(Cursor, _through);
        var ring = Hub.Ring;
        if (Cursor + 1 < ring.First)
        {
            ReadLog();
            return;
        }

        while (to.WrittenCount < Piece && Cursor < ring.Last)
        {
            Write(ring[++Cursor]);
        }

        if (Cursor == ring.Last)
        {
            // From now on it is up to date, and has to keep up.
            (_through, _floors) = (-1, null);
        }

        void Write(EventFrame e)
        {
            if (Wants(e) && Told(e) is { } frame)
            {
                to.Write(frame);
            }
        }
    }

    private ReadOnlyMemory<byte> Values(ArrayBufferWriter<byte> scratch)
    {
        if (_view is null || _view.Turn <= _viewTurn)
        {
            return default;
        }

        bool first = _viewTurn == 0;
        var (bytes, count) = _view.Since(_viewTurn);
        long passed = first ? 0 : _view.Changes - _viewChanges - count;
        (_viewTurn, _viewChanges) = (_view.Turn, _view.Changes);
        if (passed > 0)
        {
            Hub.Conflated += passed;
            scratch.Write(Conflated(passed));
        }

        return bytes;
    }

    private void ReadLog()
    {
        _reading = true;
        long generation = _generation;
        long after = Cursor;
        long head = Hub.Ring.Last;
        var query = new EventQuery { After = after, Before = head + 1, Accounts = Filter.Accounts, Kinds = Filter.Kinds, Limit = RowsAtOnce };
        _ = Task.Run(async () =>
        {
            await Hub.LogReads.WaitAsync().ConfigureAwait(false);
            try
            {
                // Looked at after the reading: what was still there then was there before.
                var rows = Hub.Desk.Events.Events(query);
                bool hole = Hub.Desk.Events.FirstEvent > after + 1;
                Hub.Post(() => Take(generation, rows, rows.Count < RowsAtOnce ? head : rows[^1].Id, hole));
            }
#pragma warning disable CA1031 // A log that cannot be read now ends this stream; the client comes again.
            catch (Exception)
#pragma warning restore CA1031
            {
                Close(WsClose.TryLater, "the log of events cannot be read now");
            }
            finally
            {
                Hub.LogReads.Release();
            }
        });
    }

    private void Take(long generation, IReadOnlyList<EventRow> rows, long through, bool hole)
    {
        if (generation != _generation || _gone)
        {
            return;
        }

        _reading = false;
        if (hole)
        {
            Lost();
        }
        else
        {
            _through = through;
            foreach (var row in rows)
            {
                _backlog.Enqueue(new EventFrame(row));
            }

            if (rows.Count == 0)
            {
                Cursor = Math.Max(Cursor, through);
            }
        }

        Serve();
    }
}
