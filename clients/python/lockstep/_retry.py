"""When a request may be sent again."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import httpx

from .errors import ConnectionProblem, OutcomeUnknown, Problem, TimedOut, api_error


@dataclass(frozen=True)
class Retry:
    """
    How often and after how long a request is sent again. Only where it can do no harm: reads; writes under the same idempotency key, and never after a time-out; what did not leave this machine.
    """

    attempts: int = 3
    """How often it is sent at most; 1 = never again."""

    first_wait: float = 0.2
    """Seconds before the second attempt; doubled each time."""

    longest_wait: float = 2.0
    """Seconds. A server that wants a longer pause (``Retry-After``) is not asked again: the error says how long."""

    def wait(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Seconds to wait after attempt number ``attempt`` (from 1); None = it was the last."""
        if attempt >= self.attempts or (retry_after or 0) > self.longest_wait:
            return None
        doubled: float = self.first_wait * 2 ** (attempt - 1)
        return max(retry_after or 0, min(self.longest_wait, doubled) * random.uniform(0.5, 1))


class Failure(Enum):
    """What a connection's failure means for the request."""

    UNSENT = "it never left"
    BROKEN = "the connection broke after it left, or while it did"
    LATE = "it left, and no answer came in time"


def failure(error: httpx.TransportError) -> Failure:
    """What the failure means for the request."""
    if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)):
        return Failure.UNSENT
    return Failure.LATE if isinstance(error, httpx.TimeoutException) else Failure.BROKEN


def nothing_done(problem: Problem) -> bool:
    """True when an error answer to a write is a word of Lockstep itself, which says that nothing was done; a proxy's 502 to 504 says nothing about it."""
    return problem.status < 500 or (problem.status == 503 and bool(problem.code))


def final_for_key(problem: Problem) -> bool:
    """True when an error answer tells how the request under this key ended, also when an earlier attempt may have arrived."""
    return problem.status < 500 and problem.status not in (401, 403, 408, 425, 429)


class Attempts:
    """One request, from its first attempt to its last: says each time whether and when it is sent again, and ends with the error that is true."""

    def __init__(self, retry: Retry, what: str, *, safe: bool, key: str | None) -> None:
        """``what`` names the request in errors: ``POST /mt5/trade``. ``safe``: it only reads. ``key``: the idempotency key of a write."""
        self._retry, self._what, self._safe, self._key = retry, what, safe, key
        self._attempt = 0
        self._maybe_done = False

    def failed(self, error: httpx.RequestError) -> float:
        """No answer came. Seconds to wait before the next attempt, or the error that is true now."""
        self._attempt += 1
        kind = failure(error) if isinstance(error, httpx.TransportError) else Failure.BROKEN
        self._maybe_done |= not self._safe and kind is not Failure.UNSENT
        again = kind is Failure.UNSENT or (kind is Failure.BROKEN and (self._safe or self._key is not None))
        wait = self._retry.wait(self._attempt) if again else None
        if wait is not None:
            return wait
        reason = f"{type(error).__name__}: {error}".rstrip(": ")
        if self._maybe_done:
            raise self._unknown(reason) from error
        if kind is Failure.LATE:
            raise TimedOut(f"{self._what}: no answer in time ({reason}).") from error
        raise ConnectionProblem(f"{self._what}: the server cannot be reached or closed the connection ({reason}).") from error

    def answered(self, response: httpx.Response) -> float | None:
        """An answer came. None when it is a good one, seconds to wait before the next attempt, or the error that is true now."""
        self._attempt += 1
        if response.is_success:
            return None
        problem = Problem.read(response.status_code, response.headers, response.text)
        if response.is_redirect:
            raise api_error(Problem(response.status_code, f"{self._what} is redirected, which is not followed. Give the address that it leads to.", body=problem.body))
        if problem.status in (429, 503) and (self._safe or self._key is not None):
            wait = self._retry.wait(self._attempt, problem.retry_after)
            if wait is not None:
                return wait
        if not self._safe and not (final_for_key(problem) if self._maybe_done else nothing_done(problem)):
            raise self._unknown(str(problem)) from api_error(problem)
        raise api_error(problem)

    def decode(self, response: httpx.Response, *, exact: bool) -> Any:
        """The JSON of a good answer; decimals as ``Decimal`` when ``exact``, else as ``float``."""
        try:
            return json.loads(response.text, parse_float=Decimal if exact else float)
        except ValueError as error:
            what = f"the answer (status {response.status_code}) is no JSON: {response.text[:100]!r}"
            if self._safe:
                raise ConnectionProblem(f"{self._what}: {what}. Is this address Lockstep's?") from error
            raise self._unknown(what) from error

    def _unknown(self, reason: str) -> OutcomeUnknown:
        return OutcomeUnknown(
            f"{self._what}: sent, and nobody can say how it ended ({reason}). Ask again under the same idempotency key ({self._key}), or look at positions and orders; under another key it could be done twice.",
            self._key or "",
        )
