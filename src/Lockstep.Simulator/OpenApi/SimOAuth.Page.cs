using System.Globalization;
using System.Net;
using System.Text;

namespace Lockstep.Simulator;

/// <content>The consent page.</content>
public sealed partial class SimOAuth
{
    /// <summary>
    /// The consent page for a query (<c>client_id</c>, <c>redirect_uri</c>, <c>scope</c>, <c>state</c>): HTML, which leads to <see cref="Consent"/>. Whoever opens it may choose any
    /// user: there are no passwords here.
    /// </summary>
    public string Page(IReadOnlyDictionary<string, string> query)
    {
        var page = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Simulated cTrader ID</title></head><body><h1>Simulated cTrader ID</h1>");
        if (Problem(query) is { } problem)
        {
            return page.Append("<p>").Append(Html(problem)).Append("</p></body></html>").ToString();
        }

        bool trading = IsTrading(query);
        page.Append("<p>The application <b>").Append(Html(query["client_id"])).Append("</b> asks to ")
            .Append(trading ? "see your accounts and to trade on them" : "see your accounts").Append(".</p>");
        foreach (var (user, accounts) in _users)
        {
            page.Append("<form method=\"post\"><fieldset><legend>").Append(Html(user)).Append("</legend>");
            foreach (string name in Carried)
            {
                Hidden(page, name, query.GetValueOrDefault(name) ?? "");
            }

            Hidden(page, "ctid", user);
            foreach (var (id, account) in accounts)
            {
                string number = id.ToString(CultureInfo.InvariantCulture);
                page.Append("<p><label><input type=\"checkbox\" checked name=\"account_").Append(number).Append("\" value=\"yes\"> ")
                    .Append(account.Login.ToString(CultureInfo.InvariantCulture)).Append(' ').Append(Html(account.BrokerName)).Append(account.IsLive ? " live" : " demo").Append(" (").Append(number).Append(")</label></p>");
            }

            page.Append("<button name=\"decision\" value=\"allow\">Allow access</button> <button name=\"decision\" value=\"deny\">Deny</button></fieldset></form>");
        }

        return page.Append("</body></html>").ToString();
    }

    /// <summary>
    /// The trader said yes (or no) on the page: the address to go back to, with <c>code</c> (or <c>error</c>) and, where <see cref="SimOpenApiSettings.EchoState"/> says so, <c>state</c>.
    /// The form holds the page's query and <c>ctid</c>, <c>decision</c> (allow, deny) and <c>account_N</c> for each account that is granted; with none of these, all are.
    /// Empty = there is nowhere to go back to: the client or its redirect_uri is not known.
    /// </summary>
    public string Consent(IReadOnlyDictionary<string, string> form)
    {
        if (Problem(form) is not null)
        {
            return "";
        }

        string back = form["redirect_uri"];
        var settings = _settings();
        string state = settings.EchoState && form.GetValueOrDefault("state") is { Length: > 0 } given ? "&state=" + Uri.EscapeDataString(given) : "";
        back += back.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        if (form.GetValueOrDefault("decision") is not ("allow" or null) || !_users.TryGetValue(form.GetValueOrDefault("ctid") ?? "", out var accounts))
        {
            return back + "error=access_denied" + state;
        }

        var chosen = accounts.Keys.Where(id => form.ContainsKey("account_" + id.ToString(CultureInfo.InvariantCulture))).ToArray();
        string code = Secret("code");
        _codes.Add(code, new Code(form["client_id"], form["redirect_uri"], form["ctid"], IsTrading(form), chosen.Length > 0 ? chosen : [.. accounts.Keys], _clock.Now + settings.CodeLife));
        return back + "code=" + code + state;
    }

    private static readonly string[] Carried = ["client_id", "redirect_uri", "scope", "state"];

    private string? Problem(IReadOnlyDictionary<string, string> query)
    {
        if (Application(query.GetValueOrDefault("client_id") ?? "") is not { } application)
        {
            return "There is no such application.";
        }

        // An address that was not registered is never gone to, not even with an error.
        string back = query.GetValueOrDefault("redirect_uri") ?? "";
        return application.RedirectUris.Contains(back) || (application.LoopbackRedirects && IsLoopback(back)) ? null : "This redirect_uri is not registered for the application.";
    }

    private static bool IsLoopback(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme is "http" or "https") && uri.IsLoopback && uri.UserInfo.Length == 0;

    private static bool IsTrading(IReadOnlyDictionary<string, string> query) => query.GetValueOrDefault("scope") == "trading";

    private static void Hidden(StringBuilder page, string name, string value) =>
        page.Append("<input type=\"hidden\" name=\"").Append(name).Append("\" value=\"").Append(Html(value)).Append("\">");

    private static string Html(string text) => WebUtility.HtmlEncode(text);
}
