using Lockstep.Domain;
using Lockstep.Engine;

namespace Lockstep.Runtime;

/// <summary>
/// Where API calls wait for their answers. The answer is the engine's first final one (done or refused); when that takes longer than the caller wants to wait, the caller
/// gets how it stands, and may ask again under the same client id: nothing is done twice.
/// </summary>
public sealed class ClientGate(TimeProvider time) : IGroupObserver
{
    private readonly Dictionary<(AccountId Account, string ClientId), List<Waiter>> _waiting = [];
    private readonly Lock _gate = new();

    /// <summary>How many calls wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Values.Sum(list => list.Count);
            }
        }
    }

    /// <summary>Gives the request to its group and waits for the answer, at most so long.</summary>
    public async Task<ClientAnswer> SubmitAsync(GroupCore group, ClientRequest request, TimeSpan timeout, CancellationToken cancel = default)
    {
        var waiter = Enter(request);
        try
        {
            if (!group.Post(new ClientRequested(request)))
            {
                return new ClientAnswer
                {
                    State = ClientState.Refused,
                    Refusal = group.HaltReason is null ? Refusal.Busy : Refusal.TradeDisabled,
                    Code = group.HaltReason is null ? "too many requests wait; nothing was done" : $"the account's group stands still, nothing was done: {group.HaltReason}",
                };
            }

            return await waiter.Final.Task.WaitAsync(timeout, time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return waiter.Latest ?? new ClientAnswer { State = ClientState.InFlight };
        }
        finally
        {
            Leave(request, waiter);
        }
    }

    /// <inheritdoc/>
    public void Answered(string group, ClientAnswered answer)
    {
        Waiter[] waiters;
        lock (_gate)
        {
            if (!_waiting.TryGetValue((answer.Account, answer.ClientId), out var list))
            {
                return;
            }

            waiters = [.. list];
        }

        foreach (var waiter in waiters)
        {
            waiter.Latest = answer.Answer;
            if (answer.Answer.State is ClientState.Done or ClientState.Refused)
            {
                waiter.Final.TrySetResult(answer.Answer);
            }
        }
    }

    private Waiter Enter(ClientRequest request)
    {
        var waiter = new Waiter();
        lock (_gate)
        {
            if (!_waiting.TryGetValue((request.Account, request.ClientId), out var list))
            {
                list = [];
                _waiting.Add((request.Account, request.ClientId), list);
            }

            list.Add(waiter);
        }

        return waiter;
    }

    private void Leave(ClientRequest request, Waiter waiter)
    {
        lock (_gate)
        {
            var list = _waiting[(request.Account, request.ClientId)];
            list.Remove(waiter);
            if (list.Count == 0)
            {
                _waiting.Remove((request.Account, request.ClientId));
            }
        }
    }

    private sealed class Waiter
    {
        private volatile ClientAnswer? _latest;

        public TaskCompletionSource<ClientAnswer> Final { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ClientAnswer? Latest
        {
            get => _latest;
            set => _latest = value;
        }
    }
}
