"""Who wants to hear what of an account, and what was heard last."""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from typing import Any, Awaitable, Callable

logger = logging.getLogger("lockstep")

Body = dict[str, Any]
"""A JSON object, with names as the service writes them."""

Callback = Callable[[Any], Awaitable[None] | None]
"""A listener: a plain function or a coroutine function of one argument."""


class Listeners:
    """
    The registries and caches of a drop-in client. Messages are handed on one after another, in the order in which they came: a coroutine is awaited before the next one. A listener that
    raises is logged and keeps nobody else from hearing.
    """

    def __init__(self) -> None:
        self.initial_data_received = asyncio.Event()
        """Set when the first ``account_info`` came."""
        self.last_account_info: Body = {}
        self.last_open_positions: list[Body] = []
        self.last_prices: dict[str, Body] = {}
        """Latest price by symbol, as long as the connection is there and the symbol is subscribed."""
        self.price_listeners: dict[str, list[Callback]] = {}
        self.candle_listeners: dict[str, list[Callback]] = {}
        """Listeners by ``SYMBOL_TIMEFRAME``."""
        self.account_info_listeners: list[Callback] = []
        self.open_positions_listeners: list[Callback] = []
        self.closed_position_listeners: list[Callback] = []

    def register_price_listener(self, symbol: str, callback: Callback) -> None:
        """``callback({"symbol", "bid", "ask"})`` for each price of the symbol; subscribe with ``subscribe_price``."""
        _add(self.price_listeners.setdefault(symbol, []), callback)

    def unregister_price_listener(self, symbol: str, callback: Callback) -> None:
        """Ends it; nothing happens when it was not registered."""
        _drop(self.price_listeners, symbol, callback)

    def register_candle_listener(self, symbol: str, timeframe: str, callback: Callback) -> None:
        """``callback({"time", "open", "high", "low", "close", "volume"})`` for each change of the candle that is forming; subscribe with ``subscribe_candles``."""
        _add(self.candle_listeners.setdefault(candle_key(symbol, timeframe), []), callback)

    def unregister_candle_listener(self, symbol: str, timeframe: str, callback: Callback) -> None:
        """Ends it; nothing happens when it was not registered."""
        _drop(self.candle_listeners, candle_key(symbol, timeframe), callback)

    def register_account_info_listener(self, callback: Callback) -> None:
        """``callback({"balance", "equity", "margin", "free_margin", …})`` when the account's money changes."""
        _add(self.account_info_listeners, callback)

    def unregister_account_info_listener(self, callback: Callback) -> None:
        """Ends it; nothing happens when it was not registered."""
        _remove(self.account_info_listeners, callback)

    def register_open_positions_listener(self, callback: Callback) -> None:
        """``callback([position, …])`` when positions or pending orders change: the whole list each time; pending orders have ``"type": "pending_order"``."""
        _add(self.open_positions_listeners, callback)

    def unregister_open_positions_listener(self, callback: Callback) -> None:
        """Ends it; nothing happens when it was not registered."""
        _remove(self.open_positions_listeners, callback)

    def register_closed_position_listener(self, callback: Callback) -> None:
        """``callback({"position_id", "close_price", "profit", "reason", …})`` when a position closes. What closes while the connection is away is not told here: see ``fetch_trade_sync_data``."""
        _add(self.closed_position_listeners, callback)

    def unregister_closed_position_listener(self, callback: Callback) -> None:
        """Ends it; nothing happens when it was not registered."""
        _remove(self.closed_position_listeners, callback)

    def get_account_info(self) -> Body:
        """The last ``account_info`` that came; empty before the first. ``get_account_info_rest`` asks the server."""
        return self.last_account_info

    def get_open_positions(self) -> Body:
        """``{"open_positions": […]}`` as it came last. ``get_all_open_positions_rest`` asks the server."""
        return {"open_positions": self.last_open_positions}

    async def hear(self, text: str | bytes) -> None:
        """Takes a message of the connection. What cannot be read is logged and passed over: one bad message ends no connection."""
        try:
            message = json.loads(text)
        except ValueError:
            logger.warning("a message that is no JSON was passed over: %.80r", text)
            return
        if not isinstance(message, dict):
            logger.warning("a message that is no JSON object was passed over: %.80r", text)
            return
        data = message.get("data")
        body: Body = data if isinstance(data, dict) else {}
        match message.get("type"):
            case "account_info" if body:
                self.last_account_info = body
                self.initial_data_received.set()
                await self._tell(self.account_info_listeners, body)
            case "open_positions" if isinstance(body.get("open_positions"), list):
                self.last_open_positions = [p for p in body["open_positions"] if isinstance(p, dict)]
                await self._tell(self.open_positions_listeners, self.last_open_positions)
            case "closed_position" if body:
                await self._tell(self.closed_position_listeners, body)
            case "live_price" if isinstance(symbol := body.get("symbol") or message.get("symbol"), str):
                self._price(symbol, body)
                await self._tell(self.price_listeners.get(symbol, ()), body)
            case "candle_update" if body:
                await self._tell(self.candle_listeners.get(candle_key(str(message.get("symbol")), str(message.get("timeframe"))), ()), body)
            case "error":
                logger.warning("the server says: %.300s", message.get("detail") or message.get("message") or text)
            case _:
                logger.debug("a message of another kind was passed over: %.80r", text)

    def _price(self, symbol: str, price: Body) -> None:
        self.last_prices[symbol] = price

    @staticmethod
    async def _tell(listeners: list[Callback] | tuple[()], data: Any) -> None:
        # A copy: a listener may end itself or others while it is told.
        for listener in list(listeners):
            try:
                result = listener(data)
                if inspect.isawaitable(result):
                    await result
            except Exception:
                logger.exception("a listener failed: %r", listener)


def candle_key(symbol: str, timeframe: str) -> str:
    """Under what a candle's listeners are kept. A timeframe has no underscore, a symbol may."""
    return f"{symbol}_{timeframe}"


def _add(listeners: list[Callback], callback: Callback) -> None:
    if callback not in listeners:
        listeners.append(callback)


def _remove(listeners: list[Callback], callback: Callback) -> None:
    if callback in listeners:
        listeners.remove(callback)


def _drop(registry: dict[str, list[Callback]], key: str, callback: Callback) -> None:
    listeners = registry.get(key, [])
    _remove(listeners, callback)
    if not listeners:
        registry.pop(key, None)
