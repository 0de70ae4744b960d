"""Drop-in for ``mt4_api_client``: the client, the manager of connections and the helpers, under the names that existing programs import."""

from __future__ import annotations

import os

from .errors import BrokerAPIError, BrokerConnectionError
from .manager import ConnectionManager, HeadlessOrchestrator
from .platform_client import PlatformAPIClient

MT4_WS_ENABLED = os.getenv("MT4_WS_ENABLED", "1").strip().lower() not in ("0", "false", "no", "off")
"""Whether the clients of ``connection_manager`` keep a WebSocket open: the environment variable MT4_WS_ENABLED, on unless it says 0, false, no or off."""


class MT4APIClient(PlatformAPIClient):
    """An account on MT4, over ``/mt4`` and ``/ws``."""

    platform = "MT4"
    face = "/mt4"


connection_manager: ConnectionManager[MT4APIClient] = ConnectionManager(MT4APIClient, websocket=MT4_WS_ENABLED)
"""The clients of this process."""

mt4_headless_orchestrator: HeadlessOrchestrator[MT4APIClient] = HeadlessOrchestrator(connection_manager)
"""The headless subscriptions of this process."""

mt4_ensure_ready = mt4_headless_orchestrator.ensure_ready
mt4_subscribe_price = mt4_headless_orchestrator.subscribe_price
mt4_unsubscribe_price = mt4_headless_orchestrator.unsubscribe_price
mt4_subscribe_candles = mt4_headless_orchestrator.subscribe_candles
mt4_unsubscribe_candles = mt4_headless_orchestrator.unsubscribe_candles
mt4_subscriptions_status = mt4_headless_orchestrator.subscriptions_status

__all__ = [
    "BrokerAPIError",
    "BrokerConnectionError",
    "MT4APIClient",
    "MT4_WS_ENABLED",
    "connection_manager",
    "mt4_ensure_ready",
    "mt4_headless_orchestrator",
    "mt4_subscribe_candles",
    "mt4_subscribe_price",
    "mt4_subscriptions_status",
    "mt4_unsubscribe_candles",
    "mt4_unsubscribe_price",
]
