"""HTTP requests with the rules of :mod:`lockstep._retry`, for threads and for asyncio."""

from __future__ import annotations

import asyncio
import functools
import os
import socket
import ssl
import time
import uuid
import weakref
from typing import Any, Mapping

import httpx

from ._json import dumps
from ._retry import Attempts, Retry


def new_key() -> str:
    """An idempotency key that nobody else has."""
    return uuid.uuid4().hex


def _request(body: Any, key: str | None) -> tuple[bytes | None, dict[str, str]]:
    headers = {} if key is None else {"Idempotency-Key": key}
    if body is None:
        return None, headers
    return dumps(body).encode(), {**headers, "Content-Type": "application/json"}


@functools.cache
def _certificates() -> ssl.SSLContext:
    # Read once: it takes a tenth of a second, and some programs make a client for each request.
    return httpx.create_ssl_context()


def _verify(base: str) -> ssl.SSLContext | bool:
    # Without TLS there is nothing to verify, and redirects to another scheme are not followed.
    return _certificates() if base.startswith("https:") else False


def _at_once(event: str, info: dict[str, Any]) -> None:
    # Blocking connections send head and body apart; the body would wait for the head's acknowledgement, 40 ms, at each trade.
    if event == "connection.connect_tcp.complete":
        info["return_value"].get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


class Rest:
    """Blocking requests. May be used from several threads and after a fork."""

    def __init__(self, base: str, headers: Mapping[str, str], timeout: float, retry: Retry) -> None:
        self._base, self._headers, self._timeout, self._retry = base, dict(headers), timeout, retry
        self._client: httpx.Client | None = None
        self._process = 0

    def call(self, method: str, path: str, *, body: Any = None, safe: bool, key: str | None = None) -> Any:
        """The answer's JSON, decimals as float. ``safe``: it only reads. ``key``: the idempotency key, for a write."""
        attempts = Attempts(self._retry, f"{method} {path}", safe=safe, key=key)
        content, headers = _request(body, key)
        while True:
            try:
                response = self._connected().request(method, path, content=content, headers=headers, extensions={"trace": _at_once})
            except httpx.RequestError as error:
                wait = attempts.failed(error)
            else:
                pause = attempts.answered(response)
                if pause is None:
                    return attempts.decode(response, exact=False)
                wait = pause
            time.sleep(wait)

    def close(self) -> None:
        """Closes idle connections; the next request opens one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connected(self) -> httpx.Client:
        # A connection that a forked process shares with its parent would mix their answers: each has its own.
        if self._client is None or self._process != os.getpid():
            client = httpx.Client(base_url=self._base, headers=self._headers, timeout=self._timeout, verify=_verify(self._base), follow_redirects=False)
            weakref.finalize(self, client.close).atexit = False
            self._client, self._process = client, os.getpid()
        return self._client


class AsyncRest:
    """The same for asyncio. Answers keep decimals exact."""

    def __init__(self, base: str, headers: Mapping[str, str], timeout: float, retry: Retry) -> None:
        self._client = httpx.AsyncClient(base_url=base, headers=dict(headers), timeout=timeout, verify=_verify(base), follow_redirects=False)
        self._retry = retry

    async def call(
        self, method: str, path: str, *, body: Any = None, query: Mapping[str, Any] | None = None, safe: bool, key: str | None = None, timeout: float | None = None
    ) -> Any:
        """The answer's JSON, decimals as ``Decimal``; None for an answer without a body. ``timeout``: seconds, where this request takes longer than others."""
        attempts = Attempts(self._retry, f"{method} {path}", safe=safe, key=key)
        content, headers = _request(body, key)
        extensions = {} if timeout is None else {"timeout": httpx.Timeout(timeout).as_dict()}
        while True:
            try:
                response = await self._client.request(method, path, content=content, params=query, headers=headers, extensions=extensions)
            except httpx.RequestError as error:
                wait = attempts.failed(error)
            else:
                pause = attempts.answered(response)
                if pause is None:
                    return attempts.decode(response, exact=True) if response.content else None
                wait = pause
            await asyncio.sleep(wait)

    async def close(self) -> None:
        """Closes its connections."""
        await self._client.aclose()
