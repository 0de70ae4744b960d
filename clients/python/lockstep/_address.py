"""Where a server is, and the key that stands in its address."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit


@dataclass(frozen=True)
class Address:
    """A server's base address, taken apart. The key never shows: neither in ``http`` and ``ws`` nor in the ``repr``."""

    http: str
    """``http://host:8080`` or with a path before it, without a slash at the end."""

    ws: str
    """The same with ``ws`` or ``wss``."""

    user: str = ""
    """Name in the userinfo; any will do."""

    key: str | None = field(default=None, repr=False)
    """API key: the password in the userinfo."""

    @staticmethod
    def parse(base_url: str) -> Address:
        """Reads ``http://NAME:KEY@host:port/path``; the userinfo is optional. ``ValueError`` when it is no such address."""
        try:
            parts = urlsplit(base_url.strip())
            host, port = parts.hostname, parts.port
            user, key = parts.username, parts.password
        except ValueError as error:
            raise ValueError(f"The base address cannot be read ({error}). Write it as http://host:8080.") from None
        if parts.scheme not in ("http", "https"):
            raise ValueError(f"The base address begins with '{parts.scheme}:', and http or https is needed: http://host:8080.")
        if not host or parts.query or parts.fragment:
            raise ValueError("The base address needs a host, and neither a query nor a fragment: http://host:8080.")
        place = f"[{host}]" if ":" in host else host
        place = place if port is None else f"{place}:{port}"
        path = parts.path.rstrip("/")
        return Address(
            urlunsplit((parts.scheme, place, path, "", "")),
            urlunsplit(("wss" if parts.scheme == "https" else "ws", place, path, "", "")),
            unquote(user or ""),
            unquote(key) if key else None,
        )


def basic(user: str, key: str) -> str:
    """The value of ``Authorization`` for HTTP Basic."""
    return "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode("ascii")


def bearer(key: str) -> str:
    """The value of ``Authorization`` for a key."""
    return f"Bearer {key}"
