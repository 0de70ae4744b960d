"""Drop-in for ``ctrader_api_client``: the client, the manager of connections and the helpers, under the names that existing programs import."""

from __future__ import annotations

import os

from .errors import BrokerAPIError, BrokerConnectionError
from .manager import ConnectionManager, HeadlessOrchestrator
from .platform_client import PlatformAPIClient

CTRADER_WS_ENABLED = os.getenv("CTRADER_WS_ENABLED", "1").strip().lower() not in ("0", "false", "no", "off")
"""Whether the clients of ``connection_manager`` keep a WebSocket open: the environment variable CTRADER_WS_ENABLED, on unless it says 0, false, no or off."""


class CTraderAPIClient(PlatformAPIClient):
    """An account on cTrader, over ``/ctrader`` and ``/ws``."""

    platform = "cTrader"
    face = "/ctrader"


connection_manager: ConnectionManager[CTraderAPIClient] = ConnectionManager(CTraderAPIClient, websocket=CTRADER_WS_ENABLED)
"""The clients of this process."""

ctrader_headless_orchestrator: HeadlessOrchestrator[CTraderAPIClient] = HeadlessOrchestrator(connection_manager)
"""The headless subscriptions of this process."""

ctrader_ensure_ready = ctrader_headless_orchestrator.ensure_ready
ctrader_subscribe_price = ctrader_headless_orchestrator.subscribe_price
ctrader_unsubscribe_price = ctrader_headless_orchestrator.unsubscribe_price
ctrader_subscribe_candles = ctrader_headless_orchestrator.subscribe_candles
ctrader_unsubscribe_candles = ctrader_headless_orchestrator.unsubscribe_candles
ctrader_subscriptions_status = ctrader_headless_orchestrator.subscriptions_status

__all__ = [
    "BrokerAPIError",
    "BrokerConnectionError",
    "CTraderAPIClient",
    "CTRADER_WS_ENABLED",
    "connection_manager",
    "ctrader_ensure_ready",
    "ctrader_headless_orchestrator",
    "ctrader_subscribe_candles",
    "ctrader_subscribe_price",
    "ctrader_subscriptions_status",
    "ctrader_unsubscribe_candles",
    "ctrader_unsubscribe_price",
]
