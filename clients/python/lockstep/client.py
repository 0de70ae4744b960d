"""The canonical client: every account, on every platform, with the same words, over ``/v1``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import TracebackType
from typing import Any, Literal, cast
from urllib.parse import quote

from ._address import Address, bearer
from ._json import moment
from ._rest import AsyncRest, new_key
from ._retry import Retry
from .errors import OutcomeUnknown
from .shapes import Account, Json, Order, Position, Trade
from .stream import Bookmark, Stream

Amount = Decimal | int | float
"""A number to send. ``Decimal`` and ``int`` are sent exactly as they are, ``float`` as Python writes it."""


class Leave(Enum):
    """The type of ``LEAVE``."""

    LEAVE = "leave"


LEAVE = Leave.LEAVE
"""Leave it as it is; ``None`` removes it."""

Level = Amount | None | Leave
"""A level to change: a price, None to remove it, or ``LEAVE``."""

Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit", "stop", "stopLimit"]


class LockstepClient:
    """
    A client for asyncio. Accounts are named by their name or UUID. Answers are the API's JSON objects, with its names in camelCase and exact numbers.

    Reads that break are made again. Writes go out under an idempotency key, yours or a new one, and are made again under the same one when the connection breaks, which does them at most once; after a
    time-out they are not made again. What nobody can say is :class:`~lockstep.OutcomeUnknown`, and never a good answer: :meth:`outcome` waits until it is known.
    """

    def __init__(self, base_url: str, key: str | None = None, *, timeout: float = 15.0, retry: Retry = Retry(longest_wait=5.0)) -> None:
        """``base_url``: ``http://host:8080``; ``key``: the API key, which may also stand in the address as the password. ``timeout``: seconds that a request waits."""
        address = Address.parse(base_url)
        key = key or address.key
        self._headers = {"Authorization": bearer(key)} if key else {}
        self._http, self._ws = address.http, address.ws
        self._timeout = timeout
        self._rest = AsyncRest(self._http, self._headers, timeout, retry)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._http}>"

    async def __aenter__(self) -> LockstepClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes its connections."""
        await self._rest.close()

    # Accounts

    async def accounts(self) -> list[Account]:
        """The accounts that the key may see."""
        return cast(list[Account], (await self.get("/v1/accounts"))["accounts"])

    async def account(self, account: str) -> Account:
        """One account: its state and money."""
        return cast(Account, await self.get(_path(account)))

    async def register_account(self, definition: Mapping[str, Any], *, idempotency_key: str | None = None) -> Json:
        """Registers an account, as the configuration would define it, and opens its session."""
        return await self.write("POST", "/v1/accounts", definition, idempotency_key)

    async def remove_account(self, account: str, *, idempotency_key: str | None = None) -> Json:
        """Removes an account; its positions stay as they are."""
        return await self.write("DELETE", _path(account), None, idempotency_key)

    async def connect(self, account: str, *, idempotency_key: str | None = None) -> Json:
        """Opens the account's session again."""
        return await self.write("POST", _path(account, "connect"), {}, idempotency_key)

    async def disconnect(self, account: str, *, idempotency_key: str | None = None) -> Json:
        """Ends the account's session until it is connected again."""
        return await self.write("POST", _path(account, "disconnect"), {}, idempotency_key)

    async def health(self, account: str) -> Json:
        """How the account's session is."""
        return await self.get(_path(account, "health"))

    async def positions(self, account: str) -> list[Position]:
        """Open positions."""
        return cast(list[Position], (await self.get(_path(account, "positions")))["positions"])

    async def orders(self, account: str) -> list[Order]:
        """Pending orders."""
        return cast(list[Order], (await self.get(_path(account, "orders")))["orders"])

    async def symbols(self, account: str) -> list[Json]:
        """Symbols with their steps, levels and latest quotes."""
        return cast(list[Json], (await self.get(_path(account, "symbols")))["symbols"])

    async def price(self, account: str, symbol: str) -> Json:
        """A symbol's latest quote."""
        return await self.get(_path(account, "price"), {"symbol": symbol})

    async def deals(self, account: str, *, since: datetime | None = None, until: datetime | None = None, position: int | None = None) -> list[Json]:
        """Deals, oldest first; without ``since`` the last week, of one position the last year."""
        return cast(list[Json], (await self.get(_path(account, "deals"), {"from": since, "to": until, "position": position}))["deals"])

    async def candles(self, account: str, symbol: str, frame: str, *, since: datetime | None = None, until: datetime | None = None, limit: int | None = None) -> Json:
        """``{"candles": […], "live"?: …}``, oldest first. ``frame``: ``M1`` … ``MN1``."""
        return await self.get(_path(account, "candles"), {"symbol": symbol, "frame": frame, "from": since, "to": until, "limit": limit})

    async def ticks(self, account: str, symbol: str, *, since: datetime | None = None, until: datetime | None = None, limit: int | None = None) -> list[Json]:
        """Ticks, oldest first; MT4 has none."""
        return cast(list[Json], (await self.get(_path(account, "ticks"), {"symbol": symbol, "from": since, "to": until, "limit": limit}))["ticks"])

    # Trading

    async def place(
        self,
        account: str,
        symbol: str,
        side: Side,
        volume: Amount,
        *,
        type: OrderType = "market",
        price: Amount | None = None,
        limit_price: Amount | None = None,
        stop_loss: Amount | None = None,
        take_profit: Amount | None = None,
        expiry: datetime | None = None,
        worst_price: Amount | None = None,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Trade:
        """
        Opens ``volume`` lots, or places a pending order. ``wait``: seconds that the server waits for the outcome, up to 60 (5). ``Refused`` when it did not happen and will not; ``OutcomeUnknown``
        when nobody can say yet.
        """
        body = {
            "symbol": symbol, "side": side, "volume": volume, "type": type, "price": price, "limitPrice": limit_price, "stopLoss": stop_loss, "takeProfit": take_profit, "expiry": expiry,
            "worstPrice": worst_price,
        }
        return await self._trade("POST", _path(account, "orders"), _given(body), wait, idempotency_key)

    async def modify_position(
        self, account: str, position: int, *, stop_loss: Level = LEAVE, take_profit: Level = LEAVE, wait: float | None = None, idempotency_key: str | None = None
    ) -> Trade:
        """Changes the levels of a position."""
        return await self._trade("PATCH", _path(account, "positions", position), _levels(stopLoss=stop_loss, takeProfit=take_profit), wait, idempotency_key)

    async def close_position(self, account: str, position: int, volume: Amount | None = None, *, wait: float | None = None, idempotency_key: str | None = None) -> Trade:
        """Closes ``volume`` lots of a position; without it all of it."""
        return await self._trade("POST", _path(account, "positions", position, "close"), _given({"volume": volume}), wait, idempotency_key)

    async def close_by(self, account: str, position: int, opposite: int, *, wait: float | None = None, idempotency_key: str | None = None) -> Trade:
        """Closes a position and an opposite one of the same symbol against each other (MT4, MT5 hedging)."""
        return await self._trade("POST", _path(account, "positions", position, "close-by"), {"opposite": opposite}, wait, idempotency_key)

    async def reverse(
        self,
        account: str,
        position: int,
        *,
        volume: Amount | None = None,
        stop_loss: Amount | None = None,
        take_profit: Amount | None = None,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Trade:
        """Closes a position, and when that is done opens the opposite side."""
        body = _given({"volume": volume, "stopLoss": stop_loss, "takeProfit": take_profit})
        return await self._trade("POST", _path(account, "positions", position, "reverse"), body, wait, idempotency_key)

    async def modify_order(
        self,
        account: str,
        order: int,
        *,
        price: Amount | Leave = LEAVE,
        stop_loss: Level = LEAVE,
        take_profit: Level = LEAVE,
        wait: float | None = None,
        idempotency_key: str | None = None,
    ) -> Trade:
        """Changes a pending order."""
        return await self._trade("PATCH", _path(account, "orders", order), _levels(price=price, stopLoss=stop_loss, takeProfit=take_profit), wait, idempotency_key)

    async def cancel_order(self, account: str, order: int, *, wait: float | None = None, idempotency_key: str | None = None) -> Trade:
        """Takes a pending order back."""
        return await self._trade("DELETE", _path(account, "orders", order), None, wait, idempotency_key)

    async def close_positions(self, account: str, filter: Mapping[str, Any], *, wait: float | None = None, idempotency_key: str | None = None) -> Json:
        """
        Closes the positions that a filter matches: ``ids``, ``symbol``, ``side``, ``magic``, ``result`` (``profitable``, ``losing``), or ``{"all": True}``. The answer tells each one's outcome under
        ``results``; ``open`` counts those that are not known yet. A key for many has at most 44 characters.
        """
        return await self._many(_path(account, "positions", "close"), dict(filter), wait, idempotency_key)

    async def modify_positions(
        self, account: str, filter: Mapping[str, Any], *, stop_loss: Level = LEAVE, take_profit: Level = LEAVE, wait: float | None = None, idempotency_key: str | None = None
    ) -> Json:
        """Changes the levels of the positions that a filter matches, as :meth:`close_positions`."""
        return await self._many(_path(account, "positions", "modify"), {**filter, **_levels(stopLoss=stop_loss, takeProfit=take_profit)}, wait, idempotency_key)

    async def cancel_orders(self, account: str, filter: Mapping[str, Any], *, wait: float | None = None, idempotency_key: str | None = None) -> Json:
        """Takes the pending orders back that a filter matches, as :meth:`close_positions`."""
        return await self._many(_path(account, "orders", "cancel"), dict(filter), wait, idempotency_key)

    async def request(self, account: str, idempotency_key: str) -> Trade:
        """How a request to trade stands; ``NotFound`` when the server never saw it."""
        return cast(Trade, await self.get(f"{_path(account, 'requests')}/{quote(idempotency_key, safe='/')}"))

    async def outcome(self, account: str, idempotency_key: str, *, within: float = 60.0) -> Trade:
        """
        Waits until it is known what became of a request: ``done`` or ``refused``. ``NotFound`` when the server never saw it, ``OutcomeUnknown`` when nobody knew after ``within`` seconds.
        """
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + within, 0.1
        while True:
            trade = await self.request(account, idempotency_key)
            if trade["state"] in ("done", "refused"):
                return trade
            if loop.time() + pause > end:
                raise OutcomeUnknown(f"Nobody knew after {within:g} s what became of request {idempotency_key}: it is {trade['state']}. Ask again.", idempotency_key)
            await asyncio.sleep(pause)
            pause = min(2.0, pause * 2)

    # Links, and what became of things

    async def links(self) -> list[Json]:
        """Links and how they stand."""
        return cast(list[Json], (await self.get("/v1/links"))["links"])

    async def create_link(self, definition: Mapping[str, Any], *, idempotency_key: str | None = None) -> Json:
        """Makes a link, as the configuration would define it: ``name``, ``source``, ``target``, …"""
        return await self.write("POST", "/v1/links", definition, idempotency_key)

    async def change_link(self, link: str, changes: Mapping[str, Any], *, idempotency_key: str | None = None) -> Json:
        """Changes what is given; None sets a setting back to its default."""
        return await self.write("PATCH", f"/v1/links/{_segment(link)}", changes, idempotency_key)

    async def remove_link(self, link: str, *, idempotency_key: str | None = None) -> Json:
        """Removes a link."""
        return await self.write("DELETE", f"/v1/links/{_segment(link)}", None, idempotency_key)

    async def legs(self, link: str | None = None) -> list[Json]:
        """What links keep on their targets for each source position."""
        return cast(list[Json], (await self.get("/v1/legs", {"link": link}))["legs"])

    async def why(self, **query: Any) -> list[Json]:
        """The why-ledger, newest first: what became of each source event, and why. ``link``, ``limit`` and what else the API takes."""
        return cast(list[Json], (await self.get("/v1/why", query))["why"])

    async def journal(self, **query: Any) -> Json:
        """The log of events: ``{"events": […], "first", "last", …}``. ``account``, ``link``, ``limit`` and what else the API takes."""
        return await self.get("/v1/journal", query)

    async def alerts(self, **query: Any) -> list[Json]:
        """Alerts, newest first."""
        return cast(list[Json], (await self.get("/v1/alerts", query))["alerts"])

    def stream(
        self,
        topics: Sequence[str] = ("events",),
        *,
        accounts: Sequence[str] | None = None,
        symbols: Sequence[str] | None = None,
        frames: Sequence[str] | None = None,
        after: Bookmark | None = None,
        snapshot: bool | None = None,
    ) -> Stream:
        """
        Follows accounts (None = all that the key may see). ``topics``: ``events``, ``prices``, ``account``, ``health``, ``candles`` (with ``symbols`` and ``frames``), …; ``after``: go on after the
        bookmark of an earlier stream; ``snapshot``: whether accounts are told as they are, first (by default without ``after``).
        """
        return Stream(f"{self._ws}/v1/stream", dict(self._headers), topics, accounts, symbols, frames, after, snapshot)

    # Anything

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        """Reads any path of the API; moments and numbers in the query are written as the API reads them, None is left out."""
        return cast(Json, await self._rest.call("GET", path, query=_query(query or {}), safe=True))

    async def write(self, method: str, path: str, body: Mapping[str, Any] | None, idempotency_key: str | None = None) -> Json:
        """Writes to any path of the API, under a new idempotency key where none is given."""
        return cast(Json, await self._rest.call(method, path, body=body, safe=False, key=idempotency_key or new_key()) or {})

    async def _trade(self, method: str, path: str, body: Json | None, wait: float | None, key: str | None) -> Trade:
        key = key or new_key()
        trade = cast(Trade, await self._send(method, path, body, wait, key))
        if trade["state"] == "done":
            return trade
        raise OutcomeUnknown(f"{method} {path}: the server has it, and nobody can say yet how it ends ({trade['state']}). outcome(account, {key!r}) waits for it.", key)

    async def _many(self, path: str, body: Json, wait: float | None, key: str | None) -> Json:
        return cast(Json, await self._send("POST", path, body, wait, key or new_key()))

    async def _send(self, method: str, path: str, body: Json | None, wait: float | None, key: str) -> Any:
        query = {} if wait is None else {"waitMs": int(wait * 1000)}
        return await self._rest.call(method, path, body=body, query=query, safe=False, key=key, timeout=None if wait is None else max(self._timeout, wait + 5))


def _path(account: str, *parts: str | int) -> str:
    return "/".join(["/v1/accounts", *(_segment(str(part)) for part in (account, *parts))])


def _segment(text: str) -> str:
    # Dots are not escaped by anybody: ".." would climb to another path.
    if text in ("", ".", ".."):
        raise ValueError(f"'{text}' is no name")
    return quote(text, safe="")


def _given(fields: Mapping[str, Any]) -> Json:
    return {name: value for name, value in fields.items() if value is not None}


def _levels(**fields: Level) -> Json:
    return {name: value for name, value in fields.items() if value is not LEAVE}


def _query(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: moment(value) if isinstance(value, datetime) else str(value) for name, value in fields.items() if value is not None}
