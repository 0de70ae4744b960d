"""
Tests against a running server: LOCKSTEP_URL and LOCKSTEP_API_KEY say which. It has paper accounts ``source`` (MT5, hedging), ``target`` (cTrader) and ``old`` (MT4) with EURUSD, and a link
``copy`` from source to target.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

URL = os.environ["LOCKSTEP_URL"].rstrip("/")
KEY = os.environ["LOCKSTEP_API_KEY"]
WITH_KEY = URL.replace("://", f"://python:{KEY}@")
"""The address with the key in it, as programs of the MT5 service are given it."""

PATIENCE = 20.0
"""Seconds after which something that should have come has not."""

T = TypeVar("T")


async def until(what: Callable[[], Awaitable[T | None]]) -> T:
    """Asks until there is an answer that counts."""
    end = time.monotonic() + PATIENCE
    while not (answer := await what()):
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.02)
    return answer
