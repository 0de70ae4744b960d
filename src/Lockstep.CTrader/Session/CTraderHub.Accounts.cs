namespace Lockstep.CTrader.Session;

/// <content>Which accounts a token covers.</content>
public sealed partial class CTraderHub
{
    /// <summary>
    /// The trading accounts that an access token covers (2149), for choosing one; any environment answers it: one that is connected, or else the one named, which is dialled for it. An
    /// application that is refused is told at once. <paramref name="answer"/> is called once, on any thread, within the time of <see cref="CTraderOptions.ListWithin"/>.
    /// </summary>
    public void ListAccounts(OpenApiEnvironment environment, string accessToken, Action<CtidAccounts> answer)
    {
        ArgumentException.ThrowIfNullOrEmpty(accessToken);
        ArgumentNullException.ThrowIfNull(answer);
        bool outermost = Enter();
        try
        {
            var connection = Connection(environment);
            if (!connection.IsReady)
            {
                connection = _connections.FirstOrDefault(c => c is { IsReady: true }) ?? connection;
            }

            connection.List(accessToken, answer);
        }
        finally
        {
            Exit(outermost);
        }
    }
}
