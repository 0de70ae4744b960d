"""Events, prices and candles as they come, over ``/v1/stream``, without a hole when the connection breaks."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType

from websockets.exceptions import ConnectionClosed, InvalidStatusCode, WebSocketException
from websockets.legacy.client import WebSocketClientProtocol, connect

from ._json import dumps
from .errors import ApiError, ConnectionProblem, Problem, api_error
from .shapes import Json

logger = logging.getLogger("lockstep")

PROTOCOL = 1
"""Version of the protocol that is spoken."""

LARGEST_MESSAGE = 16 * 1024 * 1024
"""Bytes."""


ALL_SNAPSHOTS = "snapshots"
"""Id of the ping whose answer comes after the snapshots."""


@dataclass(frozen=True)
class Bookmark:
    """How far a stream was read: keep it, and a later stream goes on after it. It belongs to one server's data folder."""

    instance: str
    seq: int


class Stream(AsyncIterator[Json]):
    """
    The messages of one subscription, decimals exact. Iterate over it, inside ``async with``; it connects by itself, and when the connection ends it connects again and goes on after the last
    event: every event comes once and in order. Prices and other values of which only the latest matters may be passed over, which a ``conflated`` message tells.

    Messages of type ``event``, ``snapshot``, ``prices``, ``account``, ``floating``, ``health``, ``candle``, ``gap`` and ``conflated`` are handed out, and those of types that are not known yet.
    """

    first_delay: float = 0.2
    """Seconds before a connection that ended is made again; doubled each time up to ``longest_delay``."""

    longest_delay: float = 10.0
    """Seconds."""

    ping_interval: float = 20.0
    """Seconds between pings, and without a pong until the connection counts as dead."""

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        topics: Sequence[str],
        accounts: Sequence[str] | None,
        symbols: Sequence[str] | None,
        frames: Sequence[str] | None,
        after: Bookmark | None,
        snapshot: bool | None,
    ) -> None:
        self._url, self._headers = url, headers
        wanted = {"topics": list(topics), "accounts": accounts and list(accounts), "symbols": symbols and list(symbols), "frames": frames and list(frames)}
        self._wanted = {name: value for name, value in wanted.items() if value is not None}
        self._received = after
        self._handled = after
        self._instance = ""
        self._beyond: Bookmark | None = None
        self._floors: dict[str, int] = {}
        self._asked = False
        self._snapshot_due = snapshot if snapshot is not None else after is None
        self._ws: WebSocketClientProtocol | None = None
        self._delay = self.first_delay
        self._met = False
        self._closed = False

    @property
    def bookmark(self) -> Bookmark | None:
        """The last event that was handled: that was handed out, and after which the next message was asked for. None before the first connection."""
        return self._handled

    async def __aenter__(self) -> Stream:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends it."""
        self._closed = True
        ws, self._ws = self._ws, None
        if ws is not None:
            await ws.close()

    async def __anext__(self) -> Json:
        """The next message. ``ApiError`` when the server refuses the key or the subscription; ``ConnectionProblem`` when the first connection cannot be made."""
        self._handled = self._received
        while not self._closed:
            if self._ws is None:
                await self._open()
            elif (message := await self._next(self._ws)) is not None:
                return message
        raise StopAsyncIteration

    async def _open(self) -> None:
        try:
            ws = await connect(
                self._url, extra_headers=self._headers, max_size=LARGEST_MESSAGE, ping_interval=self.ping_interval, ping_timeout=self.ping_interval, close_timeout=2
            )
        except InvalidStatusCode as error:
            # A key or a path that is refused is refused the next time too.
            if error.status_code < 500 and error.status_code not in (408, 425, 429):
                hints = {401: "the key is missing, wrong or expired", 403: "the key is not good for this", 404: "there is no /v1/stream at this address"}
                raise api_error(Problem(error.status_code, f"The server refuses the stream: {hints.get(error.status_code, 'see its log')}.")) from error
            await self._later(f"status {error.status_code}", error)
        except (OSError, WebSocketException, asyncio.TimeoutError) as error:
            await self._later(f"{type(error).__name__}: {error}", error)
        else:
            self._ws, self._met = ws, True

    async def _later(self, reason: str, error: Exception) -> None:
        if not self._met:
            raise ConnectionProblem(f"The stream cannot be opened ({reason}).") from error
        logger.warning("the stream is away (%s); the next attempt is in %.2f s", reason, self._delay)
        await asyncio.sleep(self._delay)
        self._delay = min(self.longest_delay, self._delay * 2)

    async def _next(self, ws: WebSocketClientProtocol) -> Json | None:
        try:
            text = await ws.recv()
        except ConnectionClosed as error:
            self._ws = None
            if not self._closed:
                await self._later(str(error), error)
            return None
        try:
            message = json.loads(text, parse_float=Decimal)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            logger.warning("a message that is no JSON object was passed over: %.80r", text)
            return None
        return await self._take(ws, message)

    async def _take(self, ws: WebSocketClientProtocol, message: Json) -> Json | None:
        """The message, when it is for the reader."""
        match message.get("type"):
            case "hello":
                await self._subscribe(ws, message)
                return None
            case "subscribed":
                self._delay = self.first_delay
                from_here = Bookmark(self._instance, int(message["after"]))
                if self._received is None:
                    self._received = from_here
                elif self._received != from_here:
                    # A gap follows. Until it is told, a new connection asks as this one did, so that it is told again.
                    self._beyond = from_here
                return None
            case "pong":
                self._snapshot_due &= message.get("id") != ALL_SNAPSHOTS
                return None
            case "unsubscribed":
                return None
            case "error":
                raise ApiError(Problem(
                    400, str(message.get("detail", "")), code=str(message.get("code", "")), advice=str(message.get("advice", "")), errors=message.get("errors") or [], body=message
                ))
            case "gap":
                self._received, self._beyond, self._snapshot_due = self._beyond or self._received, None, True
                self._floors.clear()
            case "snapshot":
                # Snapshots come together: what is answered after the first one is answered after all of them.
                if self._snapshot_due and not self._asked:
                    self._asked = True
                    await self._send(ws, {"type": "ping", "id": ALL_SNAPSHOTS})
                self._floors[str(message["account"])] = int(message["seq"])
            case "event":
                seq = int(message["seq"])
                if self._received is not None and seq <= self._received.seq:
                    return None
                # Events come after the snapshots, so that those have all arrived. After a new connection some may come that stand in them already.
                self._received, self._snapshot_due = Bookmark(self._instance, seq), False
                if seq <= self._floors.get(str(message.get("account")), 0):
                    return None
        return message

    async def _subscribe(self, ws: WebSocketClientProtocol, hello: Json) -> None:
        if hello.get("protocol") != PROTOCOL:
            await self.close()
            raise ConnectionProblem(f"The server speaks version {hello.get('protocol')} of the stream's protocol, and this client {PROTOCOL}.")
        self._instance, self._beyond, self._asked = str(hello["instance"]), None, False
        request: Json = {"type": "subscribe", "id": "1", **self._wanted, "snapshot": self._snapshot_due}
        if self._received is not None:
            request |= {"after": self._received.seq, "instance": self._received.instance}
        await self._send(ws, request)

    @staticmethod
    async def _send(ws: WebSocketClientProtocol, message: Json) -> None:
        try:
            await ws.send(dumps(message))
        except ConnectionClosed:
            logger.debug("the stream ended before a message was sent: the next one to be received says so")
