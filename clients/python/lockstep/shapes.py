"""
What the canonical API answers: the names that it writes, for type checkers. A key that may be absent is ``NotRequired``; absent is unset and never 0. Newer servers may send more than stands here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NotRequired, TypedDict

Json = dict[str, Any]
"""A JSON object."""

Number = Decimal | int
"""A number, exact: whole ones come as ``int``."""


class Funds(TypedDict):
    """An account's money, in its currency."""

    balance: Number
    equity: Number
    margin: Number
    freeMargin: Number
    marginLevel: NotRequired[Number]
    """Percent; absent without margin."""
    currency: str
    at: str


class Account(TypedDict):
    """An account."""

    account: str
    platform: str
    kind: str
    mode: NotRequired[str]
    enabled: bool
    state: str
    """``up`` (can be traded), ``syncing`` or ``down``."""
    currency: NotRequired[str]
    session: int
    positions: int
    orders: int
    funds: NotRequired[Funds]


class Position(TypedDict):
    """An open position; ``volume`` in lots."""

    position: int
    ticket: int
    symbol: str
    side: str
    volume: Number
    openPrice: Number
    openedAt: str
    stopLoss: NotRequired[Number]
    takeProfit: NotRequired[Number]
    openingOrder: NotRequired[int]
    magic: int
    comment: str
    key: NotRequired[str]


class Order(TypedDict):
    """A pending order; ``volume`` in lots."""

    order: int
    symbol: str
    side: str
    type: str
    volume: Number
    price: Number
    limitPrice: NotRequired[Number]
    stopLoss: NotRequired[Number]
    takeProfit: NotRequired[Number]
    expiry: NotRequired[str]
    placedAt: str
    magic: int
    comment: str
    key: NotRequired[str]


class Trade(TypedDict):
    """How a request to trade ended, or stands."""

    account: str
    clientId: str
    """The idempotency key under which it was asked for."""
    state: str
    """``done``, ``refused``, ``unknown`` or ``inFlight``."""
    outcome: NotRequired[str]
    """``filled``, ``partial``, ``placed``, ``modified``, ``closed``, ``cancelled``, ``refused`` or ``unknown``."""
    refusal: NotRequired[str]
    code: NotRequired[str]
    position: NotRequired[int]
    order: NotRequired[int]
    filled: NotRequired[Number]
    price: NotRequired[Number]
    fills: NotRequired[list[Json]]
    stages: NotRequired[Json]
    closing: NotRequired[Json]
