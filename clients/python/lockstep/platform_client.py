"""The drop-in client of one account over a platform's face: ``/mt4``, ``/mt5`` or ``/ctrader``, and ``/ws``."""

from __future__ import annotations

import asyncio
import logging
import uuid
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from ._address import Address, basic
from ._connection import Connection
from ._listeners import Body
from ._rest import Rest, new_key
from ._retry import Retry
from .errors import ApiError, BrokerAPIError, BrokerConnectionError, ConnectionProblem, OutcomeUnknown, Problem, TradeOutcomeUnknown

logger = logging.getLogger("lockstep")


class PlatformAPIClient(Connection):
    """
    One account. Requests block (call them from a thread, or from plain code); the WebSocket is asyncio.

    The API key is the password in the base address, ``http://any:KEY@host:8080``; an address without one takes ``password`` for the key. Reads that break are made again; a write goes out under an
    idempotency key, is made again under the same one when the connection breaks, and is never made again after a time-out: then :class:`TradeOutcomeUnknown` says so.
    """

    platform: ClassVar[str] = ""
    """Name in errors and in the log."""

    face: ClassVar[str] = ""
    """First part of the paths."""

    api_error_type: type[Exception] = BrokerAPIError
    """What is raised when the server says no: a class that takes a text. The error of this package, with all its fields, is its ``__cause__``."""

    connection_error_type: type[Exception] = BrokerConnectionError
    """What is raised when there is no answer, likewise."""

    def __init__(
        self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str, *, timeout: float = 10.0, retry: Retry = Retry()
    ) -> None:
        """
        ``base_url``: ``http://any:KEY@host:8080``. ``account_id``: the login. ``internal_account_id``: the account's UUID or name in Lockstep. ``timeout``: seconds that a request waits.
        """
        super().__init__(f"{self.platform} {internal_account_id}")
        self.client_id = str(uuid.uuid4())
        self._timeout, self._retry = timeout, retry
        self.set_credentials(base_url, account_id, password, broker_server, internal_account_id)

    def set_credentials(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str) -> None:
        """Other credentials for the same account, from the next request and the next connection on."""
        address = Address.parse(base_url)
        self.base_url, self.account_id, self.password = base_url, account_id, password
        self.broker_server, self.internal_account_id = broker_server, str(internal_account_id)
        self.ws_base_url = address.ws
        key = address.key or password
        self._authorization = {"Authorization": basic(address.user or "lockstep", key)} if key else {}
        self._rest = Rest(address.http, self._authorization, self._timeout, self._retry)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.internal_account_id} {'connected' if self.is_connected else 'not connected'}>"

    # Session

    def connect(self) -> Body:
        """Opens the account's session where it is closed; how the session stands."""
        return self._write("/connect")

    def close_instance(self, internal_account_id: str) -> Body:
        """Ends the session of an account."""
        return self._call("POST", "/close", {"internal_account_id": internal_account_id}, key=new_key())

    def delete_instance(self) -> Body:
        """Ends the account's session and forgets what it needs."""
        return self._call("DELETE", f"/instance/{self.internal_account_id}", key=new_key())

    async def trigger_instance_initialization(self) -> None:
        """One light request, so that the account's session is known to be there before its messages are waited for. A failure is logged, not raised."""
        try:
            await asyncio.get_running_loop().run_in_executor(None, self.get_account_info_rest)
        except Exception as error:
            logger.error("%s: the first request failed: %s", self._name, error)

    # Reading

    def get_account_info_rest(self) -> Body:
        """``{"balance", "equity", "margin", "free_margin", "margin_free", "margin_level", "currency", "leverage"}``."""
        return self._read("/account_info")

    def get_all_open_positions_rest(self) -> Body:
        """``{"open_positions": […]}``: open positions, and pending orders with ``"type": "pending_order"``."""
        return self._read("/positions/open")

    def get_position_by_ticket(self, ticket: int) -> Body:
        """``{"ticket", "symbol", "volume", "price_open", "sl", "tp", "profit", "comment", "time"}`` of an open position."""
        return self._read("/positions/details", position_ticket=ticket)

    def get_position_by_order(self, order_id: int) -> Body:
        """The position that an order opened."""
        return self._read("/positions/by_order", order_id=order_id)

    def get_live_price(self, symbol: str) -> Body:
        """``{"symbol", "bid", "ask"}``: from the cache while the connection is there and the symbol is subscribed, else from the server."""
        price = self.last_prices.get(symbol) if self.is_connected else None
        return price if price is not None else self._read("/price", symbol=symbol)

    def get_symbol_info(self, symbol: str) -> Body:
        """``{"symbol", "pip_size", "tick_size", "contract_size", …}``."""
        return self._read("/symbol_info", symbol=symbol)

    def get_historical_candles(self, symbol: str, timeframe: str, count: int | None = None, start_time: datetime | None = None, end_time: datetime | None = None) -> Body:
        """``{"candles": [{"time" (s, UTC), "open", "high", "low", "close", "volume"}]}``: the newest ``count``, or those from ``start_time`` to ``end_time``."""
        span: Body
        if count is not None:
            span = {"count": count}
        elif start_time is not None and end_time is not None:
            span = {"start_time": start_time.isoformat(), "end_time": end_time.isoformat()}
        else:
            return {"error": "Give count, or both start_time and end_time."}
        return self._read("/candles", symbol=symbol, timeframe=timeframe, **span)

    def fetch_trade_sync_data(self, position_id: int, instrument_symbol: str) -> Body:
        """What became of a position: ``{"deals", "is_closed_on_platform", "platform_remaining_size", "final_profit", …}``."""
        return self._read("/deals/sync_data", position_id=position_id, instrument_symbol=instrument_symbol)

    def get_deals_history(self, start_time: datetime | None = None, end_time: datetime | None = None, position_id: int | None = None) -> Body:
        """``{"deals": […]}`` of a time; without one the last week."""
        span = {"start_time": start_time and start_time.isoformat(), "end_time": end_time and end_time.isoformat(), "position_id": position_id}
        return self._read("/deals/history", **{name: value for name, value in span.items() if value is not None})

    # Trading

    def place_trade(
        self,
        symbol: str,
        lot_size: float,
        direction: str,
        stop_loss: float,
        take_profit: float,
        order_type: str = "MARKET",
        limit_price: float | None = None,
        *,
        idempotency_key: str | None = None,
    ) -> Body:
        """
        ``direction``: ``BUY`` or ``SELL``; ``order_type``: ``MARKET``, ``LIMIT`` or ``STOP``, the last two at ``limit_price``; 0 for a stop or target = none. Two calls are two trades; the same
        ``idempotency_key`` again is the same one, and its answer.
        """
        return self._write(
            "/trade", idempotency_key,
            symbol=symbol, lot_size=lot_size, direction=direction, stop_loss=stop_loss, take_profit=take_profit, order_type=order_type, limit_price=limit_price,
        )

    def close_trade(self, ticket: int, volume: float, symbol: str, *, idempotency_key: str | None = None) -> Body:
        """Closes ``volume`` lots of a position."""
        return self._write("/positions/close", idempotency_key, ticket=ticket, volume=volume, symbol=symbol)

    def cancel_order(self, order_ticket: int, *, idempotency_key: str | None = None) -> Body:
        """Takes a pending order back."""
        return self._write("/orders/cancel", idempotency_key, order_ticket=order_ticket)

    def modify_position_protection(
        self, position_id: int, symbol: str, stop_loss: float | None = None, take_profit: float | None = None, *, idempotency_key: str | None = None
    ) -> Body:
        """Sets stop loss and take profit; None leaves one as it is."""
        return self._write("/positions/modify_protection", idempotency_key, position_id=position_id, symbol=symbol, stop_loss=stop_loss, take_profit=take_profit)

    # Events over AMQP without a WebSocket of this client

    def start_headless_poller(self) -> Body:
        """Has the account's events published."""
        return self._write("/headless/poller/start")

    def headless_subscribe_price(self, symbol: str) -> Body:
        """Has a symbol's prices published; 409 when they are already."""
        return self._write("/headless/subscribe/price", symbol=symbol or "")

    def headless_unsubscribe_price(self, symbol: str) -> Body:
        """Ends it; 404 when it was not subscribed."""
        return self._write("/headless/unsubscribe/price", symbol=symbol or "")

    def headless_subscribe_candles(self, symbol: str, timeframe: str) -> Body:
        """Has a symbol's candles published; 409 when they are already."""
        return self._write("/headless/subscribe/candles", symbol=symbol or "", timeframe=timeframe or "")

    def headless_unsubscribe_candles(self, symbol: str, timeframe: str) -> Body:
        """Ends it; 404 when it was not subscribed."""
        return self._write("/headless/unsubscribe/candles", symbol=symbol or "", timeframe=timeframe or "")

    def headless_subscriptions_status(self) -> Body:
        """What is subscribed."""
        return self._call("GET", "/headless/subscriptions/status")

    # Requests

    def _ws_address(self) -> tuple[str, dict[str, str]]:
        return f"{self.ws_base_url}/ws/{self.internal_account_id}/{self.client_id}", dict(self._authorization)

    def _get_auth_payload(self) -> Body:
        return {"account_id": self.account_id, "password": self.password, "broker_server": self.broker_server, "internal_account_id": self.internal_account_id}

    def _read(self, path: str, **fields: Any) -> Body:
        return self._call("POST", path, {**self._get_auth_payload(), **fields})

    def _write(self, path: str, idempotency_key: str | None = None, **fields: Any) -> Body:
        return self._call("POST", path, {**self._get_auth_payload(), **fields}, key=idempotency_key or new_key())

    def _call(self, method: str, path: str, body: Body | None = None, *, key: str | None = None) -> Body:
        # What goes without a key only reads, POST or not.
        try:
            answer = self._rest.call(method, f"{self.face}{path}", body=body, safe=key is None, key=key)
        except ApiError as error:
            text = f"{self.platform} API error: {error.problem.detail} (Status {error.status})"
            self._raise(self.api_error_type, text, BrokerAPIError(error.problem, text))
        except OutcomeUnknown as error:
            self._raise(self.connection_error_type, str(error), TradeOutcomeUnknown(str(error), error.idempotency_key))
        except ConnectionProblem as error:
            self._raise(self.connection_error_type, f"{self.platform} API: {error}", BrokerConnectionError(f"{self.platform} API: {error}"))
        if not isinstance(answer, dict):
            text = f"{self.platform} API error: the answer to {method} {path} is no JSON object"
            self._raise(self.api_error_type, text, BrokerAPIError(Problem(200, text), text))
        return answer

    @staticmethod
    def _raise(wanted: type[Exception], text: str, error: Exception) -> NoReturn:
        if isinstance(error, wanted):
            raise error
        raise wanted(text) from error
