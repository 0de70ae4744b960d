"""One client for each account of a process, and who of it wants which headless subscriptions."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from typing import Any, Awaitable, Callable, Generic, TypeVar

from ._listeners import Body
from .errors import BrokerAPIError
from .platform_client import PlatformAPIClient

logger = logging.getLogger("lockstep")
C = TypeVar("C", bound=PlatformAPIClient)


class ConnectionManager(Generic[C]):
    """The clients of one platform, one for each account, whoever in the process asks for them."""

    def __init__(self, kind: type[C], *, websocket: bool = True) -> None:
        """``websocket``: whether clients keep their WebSocket open; without it they are REST only."""
        self._kind, self._websocket = kind, websocket
        self._connections: dict[str, C] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._lock = threading.Lock()

    async def get_client(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str) -> C:
        """
        The account's client, connecting by itself. Asked for again it is the same one, with the credentials of the last call. Its connection lives in the event loop that asked first, and in
        the next one that asks when that loop is gone.
        """
        name = str(internal_account_id)
        with self._lock:
            client = self._connections.get(name)
            if client is None:
                client = self._connections[name] = self._kind(base_url, account_id, password, broker_server, name)
            elif (client.base_url, client.account_id, client.password, client.broker_server) != (base_url, account_id, password, broker_server):
                client.set_credentials(base_url, account_id, password, broker_server, name)
            task = self._tasks.get(name)
            if self._websocket and (task is None or task.done() or task.get_loop().is_closed()):
                self._tasks[name] = asyncio.get_running_loop().create_task(client.manage_connection(), name=f"lockstep {name}")
        return client

    async def close(self, internal_account_id: str | None = None) -> None:
        """Ends an account's client, or all of them; to be awaited in the event loop in which they live."""
        with self._lock:
            names = [str(internal_account_id)] if internal_account_id is not None else list(self._connections)
            clients = [c for n in names if (c := self._connections.pop(n, None)) is not None]
            tasks = [t for n in names if (t := self._tasks.pop(n, None)) is not None]
        for client in clients:
            await client.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class HeadlessOrchestrator(Generic[C]):
    """
    Subscriptions whose events come over AMQP, counted within this process: the first who wants one subscribes, the last one who gives it back unsubscribes. That it was subscribed already
    (409), or not any more (404), is as good.
    """

    def __init__(self, manager: ConnectionManager[C]) -> None:
        self._manager = manager
        self._locks: dict[str, asyncio.Lock] = {}
        self._ready: set[str] = set()
        self._counts: Counter[tuple[str, ...]] = Counter()

    async def ensure_ready(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str) -> C:
        """The account's client, its events being published."""
        client = await self._manager.get_client(base_url, account_id, password, broker_server, internal_account_id)
        if client.internal_account_id not in self._ready:
            try:
                await _blocking(client.start_headless_poller)
                self._ready.add(client.internal_account_id)
            except Exception as error:
                logger.warning("%s: its events are not published yet: %s", client.internal_account_id, error)
        return client

    async def subscribe_price(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str, symbol: str) -> int:
        """How many want it now."""
        client = await self.ensure_ready(base_url, account_id, password, broker_server, internal_account_id)
        return await self._more((client.internal_account_id, symbol), client.headless_subscribe_price, symbol)

    async def unsubscribe_price(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str, symbol: str) -> int:
        """How many want it still."""
        client = await self.ensure_ready(base_url, account_id, password, broker_server, internal_account_id)
        return await self._less((client.internal_account_id, symbol), client.headless_unsubscribe_price, symbol)

    async def subscribe_candles(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str, symbol: str, timeframe: str) -> int:
        """How many want it now."""
        client = await self.ensure_ready(base_url, account_id, password, broker_server, internal_account_id)
        return await self._more((client.internal_account_id, symbol, timeframe), client.headless_subscribe_candles, symbol, timeframe)

    async def unsubscribe_candles(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str, symbol: str, timeframe: str) -> int:
        """How many want it still."""
        client = await self.ensure_ready(base_url, account_id, password, broker_server, internal_account_id)
        return await self._less((client.internal_account_id, symbol, timeframe), client.headless_unsubscribe_candles, symbol, timeframe)

    async def subscriptions_status(self, base_url: str, account_id: int, password: str, broker_server: str, internal_account_id: str) -> Body:
        """What is subscribed; ``{"error": …}`` when the server cannot be asked."""
        client = await self.ensure_ready(base_url, account_id, password, broker_server, internal_account_id)
        try:
            return await _blocking(client.headless_subscriptions_status)
        except Exception as error:
            logger.warning("%s: its subscriptions cannot be asked for: %s", client.internal_account_id, error)
            return {"error": str(error)}

    async def _more(self, what: tuple[str, ...], subscribe: Callable[..., Body], *arguments: str) -> int:
        async with self._locks.setdefault(what[0], asyncio.Lock()):
            if self._counts[what] == 0:
                await _but(409, subscribe, *arguments)
            self._counts[what] += 1
            return self._counts[what]

    async def _less(self, what: tuple[str, ...], unsubscribe: Callable[..., Body], *arguments: str) -> int:
        async with self._locks.setdefault(what[0], asyncio.Lock()):
            if self._counts[what] > 1:
                self._counts[what] -= 1
                return self._counts[what]
            await _but(404, unsubscribe, *arguments)
            self._counts.pop(what, None)
            return 0


async def _blocking(call: Callable[..., Body], *arguments: Any) -> Body:
    waiting: Awaitable[Body] = asyncio.get_running_loop().run_in_executor(None, call, *arguments)
    return await waiting


async def _but(status: int, call: Callable[..., Body], *arguments: str) -> None:
    """Calls it; the one refusal that is as good as a yes is passed over."""
    try:
        await _blocking(call, *arguments)
    except Exception as error:
        said = error if isinstance(error, BrokerAPIError) else error.__cause__
        if not (isinstance(said, BrokerAPIError) and said.status == status):
            raise
