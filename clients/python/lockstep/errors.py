"""What can go wrong, so that a program can tell it apart."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Mapping

LONGEST_TEXT = 500
"""Characters of a body that is no JSON which are kept in an error's text."""


class LockstepError(Exception):
    """Everything that this package raises on purpose, but ``ValueError`` and ``TypeError`` for arguments."""


@dataclass(frozen=True)
class Problem:
    """What the server said was wrong (RFC 9457)."""

    status: int
    """HTTP status."""

    detail: str
    """What was wrong this time, with the value."""

    code: str = ""
    """Kind of the problem, stable: ``bad-request``. Empty when the answer did not come from Lockstep itself."""

    title: str = ""
    """The kind, in words."""

    advice: str = ""
    """What to do about it."""

    errors: list[dict[str, Any]] = field(default_factory=list)
    """Each field that was wrong: ``field``, ``value``, ``reason``."""

    correlation_id: str = ""
    """What to look for in the server's log."""

    retry_after: float | None = None
    """Seconds after which to come again."""

    body: dict[str, Any] = field(default_factory=dict)
    """The whole answer; for a refused order its state is under ``request``."""

    @staticmethod
    def read(status: int, headers: Mapping[str, str], text: str) -> Problem:
        """From an answer with a status of 400 or more, whoever wrote it."""
        try:
            body = json.loads(text, parse_float=Decimal)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            body = {}
        inner = body.get("error")
        inner = inner if isinstance(inner, dict) else {}
        kind = str(body.get("type") or "")
        errors = body.get("errors")
        detail = _detail(body.get("detail")) or str(inner.get("message") or "") or text.strip()[:LONGEST_TEXT]
        return Problem(
            status=status,
            detail=detail or f"HTTP {status} without a word",
            code=kind.removeprefix("urn:lockstep:problem:") if kind.startswith("urn:lockstep:") else str(inner.get("code") or ""),
            title=str(body.get("title") or ""),
            advice=str(body.get("advice") or ""),
            errors=[e for e in errors if isinstance(e, dict)] if isinstance(errors, list) else [],
            correlation_id=str(body.get("correlationId") or headers.get("x-correlation-id") or headers.get("x-request-id") or ""),
            retry_after=_seconds(headers.get("retry-after")),
            body=body,
        )

    def __str__(self) -> str:
        parts = [self.detail, self.advice, f"({self.code or 'HTTP'}, status {self.status})"]
        return " ".join(p for p in parts if p)


class ApiError(LockstepError):
    """The server answered that it did not do it."""

    def __init__(self, problem: Problem, text: str | None = None) -> None:
        super().__init__(text or str(problem))
        self.problem = problem

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.problem.status

    @property
    def code(self) -> str:
        """Kind of the problem, stable."""
        return self.problem.code

    @property
    def retry_after(self) -> float | None:
        """Seconds after which to come again, when the server said so."""
        return self.problem.retry_after


class Unauthorized(ApiError):
    """401 or 403: the key is missing, wrong, expired, or not good for this."""


class NotFound(ApiError):
    """404: there is no such account, position, order, link or path."""


class Refused(ApiError):
    """422: the order was refused; nothing happened and nothing will."""


class Busy(ApiError):
    """429 or 503: not now; ``retry_after`` says when to come again."""


class ConnectionProblem(LockstepError):
    """The server could not be reached, or the connection broke; for a write this means that nothing was sent."""


class TimedOut(ConnectionProblem):
    """The server did not answer a read in time."""


class OutcomeUnknown(LockstepError):
    """
    A write was sent and its answer did not come: it may have been done, and may still be done. Do not send it again under another key: that could be a second trade. Send it under the same
    ``idempotency_key``, which does it at most once and brings the answer, or look at positions and orders.
    """

    def __init__(self, text: str, idempotency_key: str) -> None:
        super().__init__(text)
        self.idempotency_key = idempotency_key


class BrokerAPIError(ApiError):
    """What the drop-in clients raise when the server said no. The text ends in ``(Status 404)``."""


class BrokerConnectionError(LockstepError):
    """What the drop-in clients raise when there was no answer."""


class TradeOutcomeUnknown(BrokerConnectionError, OutcomeUnknown):
    """What the drop-in clients raise when a write was sent and its answer did not come; see :class:`OutcomeUnknown`."""


def api_error(problem: Problem) -> ApiError:
    """The error that fits a problem."""
    kinds: dict[int, type[ApiError]] = {401: Unauthorized, 403: Unauthorized, 404: NotFound, 422: Refused, 429: Busy, 503: Busy}
    return kinds.get(problem.status, ApiError)(problem)


def _detail(value: Any) -> str:
    # A list of {"msg": …} is how validation errors of FastAPI look; the first one is enough for a sentence.
    if isinstance(value, list):
        first = value[0] if value else ""
        return str(first.get("msg", first)) if isinstance(first, dict) else str(first)
    return value if isinstance(value, str) else ""


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
