"""The WebSocket of a drop-in client: one for an account, always coming back."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import Counter
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatusCode, WebSocketException
from websockets.legacy.client import WebSocketClientProtocol, connect

from ._listeners import Body, Listeners

logger = logging.getLogger("lockstep")


class Connection(Listeners):
    """Keeps ``/ws/{internal_account_id}/{client_id}`` open and its subscriptions alive."""

    reconnect_delay: float = 5.0
    """Seconds before a connection that ended is made again; doubled up to a minute while the server refuses it (wrong key, unknown account)."""

    ping_interval: float = 20.0
    """Seconds between pings."""

    ping_timeout: float = 20.0
    """Seconds without a pong after which the connection counts as dead."""

    close_timeout: float = 2.0
    """Seconds that the server may take to agree to the end of a connection."""

    longest_delay: float = 60.0
    """Seconds: the longest pause between two attempts."""

    def __init__(self, name: str) -> None:
        """``name`` stands in the log: the account, never a secret."""
        super().__init__()
        self.ws: WebSocketClientProtocol | None = None
        self.is_connected = False
        self._name = name
        self._prices: Counter[str] = Counter()
        self._candles: Counter[tuple[str, str]] = Counter()
        self._running = False
        self._stop: asyncio.Event | None = None

    def _ws_address(self) -> tuple[str, dict[str, str]]:
        """Where to connect, and the headers to send."""
        raise NotImplementedError

    async def manage_connection(self) -> None:
        """
        Connects, hands messages to the listeners, and connects again whenever the connection ends; symbols and candles are subscribed again each time. Runs until ``close`` or until its task is
        cancelled; a second call while it runs returns at once.
        """
        if self._running:
            return
        self._running, self._stop = True, asyncio.Event()
        delay = self.reconnect_delay
        try:
            while not self._stop.is_set():
                try:
                    await self._live()
                    delay = self.reconnect_delay
                except InvalidStatusCode as error:
                    logger.error("%s: the server refuses the WebSocket with status %d%s", self._name, error.status_code, _hint(error.status_code))
                    delay = min(self.longest_delay, delay * 2)
                except (OSError, WebSocketException, asyncio.TimeoutError) as error:
                    logger.warning("%s: no connection (%s: %s)", self._name, type(error).__name__, error)
                    delay = self.reconnect_delay
                except Exception:
                    # Whatever it was, an account must not go deaf because of it.
                    logger.exception("%s: the connection ended with an error of this program", self._name)
                    delay = self.reconnect_delay
                if await _set_within(self._stop, delay):
                    break
        finally:
            self._running = False

    async def close(self) -> None:
        """Ends the connection and ``manage_connection``; a later ``manage_connection`` starts anew."""
        if self._stop is not None:
            self._stop.set()
        if self.ws is not None:
            await self.ws.close()

    async def subscribe_price(self, symbol: str) -> None:
        """Asks for the symbol's prices, now and after each reconnection, until as many ``unsubscribe_price`` as ``subscribe_price`` were called."""
        self._prices[symbol] += 1
        await self._say({"type": "subscribe_price", "symbol": symbol})

    async def unsubscribe_price(self, symbol: str) -> None:
        """Gives one ``subscribe_price`` back."""
        if _give_back(self._prices, symbol):
            self.last_prices.pop(symbol, None)
            await self._say({"type": "unsubscribe_price", "symbol": symbol})

    async def subscribe_candles(self, symbol: str, timeframe: str) -> None:
        """Asks for the symbol's forming candle, now and after each reconnection, until as many ``unsubscribe_candles`` as ``subscribe_candles`` were called."""
        self._candles[symbol, timeframe] += 1
        await self._say({"type": "subscribe_candles", "symbol": symbol, "timeframe": timeframe})

    async def unsubscribe_candles(self, symbol: str, timeframe: str) -> None:
        """Gives one ``subscribe_candles`` back."""
        if _give_back(self._candles, (symbol, timeframe)):
            await self._say({"type": "unsubscribe_candles", "symbol": symbol, "timeframe": timeframe})

    def _price(self, symbol: str, price: Body) -> None:
        # A price that comes in after its last unsubscribe would stay in the cache for ever and be taken for a live one.
        if symbol in self._prices or symbol in self.price_listeners:
            super()._price(symbol, price)

    async def _live(self) -> None:
        url, headers = self._ws_address()
        async with connect(url, extra_headers=headers, ping_interval=self.ping_interval, ping_timeout=self.ping_timeout, close_timeout=self.close_timeout) as ws:
            self.ws, self.is_connected = ws, True
            logger.debug("%s: connected", self._name)
            try:
                if self._stop is None or self._stop.is_set():
                    return  # It was closed while the connection was made.
                await self._subscribe_again()
                async for message in ws:
                    await self.hear(message)
                logger.info("%s: the server ended the connection (%s %s)", self._name, ws.close_code, ws.close_reason)
            except ConnectionClosed as error:
                logger.warning("%s: the connection broke (%s)", self._name, error)
            finally:
                self.ws, self.is_connected = None, False
                self.last_prices.clear()

    async def _subscribe_again(self) -> None:
        for symbol in sorted({*self._prices, *self.price_listeners}):
            await self._say({"type": "subscribe_price", "symbol": symbol})
        listened = {(key.rpartition("_")[0], key.rpartition("_")[2]) for key in self.candle_listeners}
        for symbol, timeframe in sorted({*self._candles, *listened}):
            await self._say({"type": "subscribe_candles", "symbol": symbol, "timeframe": timeframe})

    async def _say(self, message: Body) -> None:
        # Without a connection there is nobody to tell: what is subscribed is said when it comes up.
        if self.ws is None:
            return
        try:
            await self.ws.send(json.dumps(message))
        except ConnectionClosed:
            logger.debug("%s: %s is said after the reconnection", self._name, message["type"])


def _give_back(counts: Counter[Any], what: Any) -> bool:
    """True when nobody has it any more; also for what was never counted, such as a symbol that is subscribed for its listeners' sake."""
    if counts[what] > 1:
        counts[what] -= 1
        return False
    counts.pop(what, None)
    return True


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
        return True
    except asyncio.TimeoutError:
        return False


def _hint(status: int) -> str:
    hints = {401: ": the key is missing or wrong", 403: ": the key is not good for this account", 404: ": it knows no such account"}
    return hints.get(status, "")
