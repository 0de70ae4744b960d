namespace Lockstep.Server.Configuration;

/// <summary>A broker's URL, taken apart. What it says of itself leaves the password out.</summary>
internal sealed record AmqpAddress(string Host, int Port, string VirtualHost, string User, string Password, bool Tls)
{
    private const int PlainPort = 5672;
    private const int TlsPort = 5671;

    /// <summary>Reads <c>amqp://user:password@host:port/vhost</c>; what is wrong with it repeats nothing of it, as it is a secret.</summary>
    public static (AmqpAddress? Address, string? Problem) Read(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("amqp" or "amqps") || uri.Host.Length == 0)
        {
            return (null, "holds no URL such as amqp://user:password@host:5672/vhost, or amqps://…");
        }

        if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            return (null, "holds a URL with a part after '?' or '#', which has no meaning here; write those letters as %3F and %23 where they belong to the password");
        }

        string path = uri.AbsolutePath.TrimStart('/');
        if (path.Contains('/', StringComparison.Ordinal))
        {
            return (null, "holds a URL with more than one part after the host; a virtual host with '/' in its name is written with %2F");
        }

        string[] user = uri.UserInfo.Split(':', 2);
        bool tls = uri.Scheme == "amqps";
        return (new AmqpAddress(
            uri.DnsSafeHost,
            uri.Port > 0 ? uri.Port : tls ? TlsPort : PlainPort,
            path.Length == 0 ? "/" : Uri.UnescapeDataString(path),
            user[0].Length == 0 ? "guest" : Uri.UnescapeDataString(user[0]),
            user.Length < 2 ? "guest" : Uri.UnescapeDataString(user[1]),
            tls), null);
    }

    /// <summary>For a log or message: <c>amqp://host:5672/</c>.</summary>
    public override string ToString() => $"{(Tls ? "amqps" : "amqp")}://{Host}:{Port}/{(VirtualHost == "/" ? "" : VirtualHost)}";
}
