"""Drop-in for ``mt5_api_client``: the client, the manager of connections and the helpers, under the names that existing programs import."""

from __future__ import annotations

import os

from .errors import BrokerAPIError, BrokerConnectionError
from .manager import ConnectionManager, HeadlessOrchestrator
from .platform_client import PlatformAPIClient

MT5_WS_ENABLED = os.getenv("MT5_WS_ENABLED", "1").strip().lower() not in ("0", "false", "no", "off")
"""Whether the clients of ``connection_manager`` keep a WebSocket open: the environment variable MT5_WS_ENABLED, on unless it says 0, false, no or off."""


class MT5APIClient(PlatformAPIClient):
    """An account on MT5, over ``/mt5`` and ``/ws``."""

    platform = "MT5"
    face = "/mt5"


connection_manager: ConnectionManager[MT5APIClient] = ConnectionManager(MT5APIClient, websocket=MT5_WS_ENABLED)
"""The clients of this process."""

mt5_headless_orchestrator: HeadlessOrchestrator[MT5APIClient] = HeadlessOrchestrator(connection_manager)
"""The headless subscriptions of this process."""

mt5_ensure_ready = mt5_headless_orchestrator.ensure_ready
mt5_subscribe_price = mt5_headless_orchestrator.subscribe_price
mt5_unsubscribe_price = mt5_headless_orchestrator.unsubscribe_price
mt5_subscribe_candles = mt5_headless_orchestrator.subscribe_candles
mt5_unsubscribe_candles = mt5_headless_orchestrator.unsubscribe_candles
mt5_subscriptions_status = mt5_headless_orchestrator.subscriptions_status

__all__ = [
    "BrokerAPIError",
    "BrokerConnectionError",
    "MT5APIClient",
    "MT5_WS_ENABLED",
    "connection_manager",
    "mt5_ensure_ready",
    "mt5_headless_orchestrator",
    "mt5_subscribe_candles",
    "mt5_subscribe_price",
    "mt5_subscriptions_status",
    "mt5_unsubscribe_candles",
    "mt5_unsubscribe_price",
]
