"""Servers that misbehave on command."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Callable

from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import WebSocketServer, WebSocketServerProtocol, serve


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def key(self) -> str | None:
        """Its idempotency key."""
        return self.headers.get("idempotency-key")


Deed = Callable[[socket.socket], None]
"""What the server does with a request that it has read."""


def answer(status: int = 200, body: Any = None, **headers: str) -> Deed:
    """An answer; ``body`` as JSON, or bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", *(f"{k.replace('_', '-')}: {v}" for k, v in headers.items()), "", ""]
    return lambda connection: connection.sendall("\r\n".join(lines).encode() + content)


def problem(status: int, code: str, detail: str, **fields: Any) -> Deed:
    """A problem of Lockstep."""
    return answer(status, {"type": f"urn:lockstep:problem:{code}", "title": "Title.", "status": status, "detail": detail, "advice": "Do this.", **fields})


def hang_up(connection: socket.socket) -> None:
    """Closes the connection without a word."""
    connection.shutdown(socket.SHUT_RDWR)


class FakeRest:
    """An HTTP server in a thread. It does what stands in ``script``, one deed for each request; when that is used up it answers ``{}``."""

    def __init__(self) -> None:
        self.script: list[Deed] = []
        self.asked: list[Asked] = []
        self.raw: list[bytes] = []
        """Bodies as they came."""
        self.silence = threading.Event()
        """Set at the end of a test, so that requests that were left without an answer end."""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stall(self, connection: socket.socket) -> None:
        """Says nothing until the test is over."""
        self.silence.wait(30)

    def close(self) -> None:
        """Ends it; once more does nothing."""
        self.silence.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while (first := stream.readline()) != b"":
                    method, path, _ = first.decode().split()
                    headers: dict[str, str] = {}
                    while (line := stream.readline().decode().strip()) != "":
                        name, _, value = line.partition(":")
                        headers[name.lower()] = value.strip()
                    content = stream.read(int(headers.get("content-length", 0)))
                    self.raw.append(content)
                    self.asked.append(Asked(method, path, headers, json.loads(content) if content else None))
                    (self.script.pop(0) if self.script else answer())(connection)
        except (OSError, ValueError):
            pass


class FakeSockets:
    """A WebSocket server in the test's event loop: what comes is kept, and the test speaks."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.authorizations: list[str | None] = []
        self.said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        """What clients said, over all connections."""
        self.joined: asyncio.Queue[WebSocketServerProtocol] = asyncio.Queue()
        """Connections, as they come."""
        self.refuse: list[int] = []
        """Statuses with which the next connections are refused."""
        self._server: WebSocketServer | None = None
        self.url = ""

    async def start(self) -> None:
        """Listens at ``url``."""
        self._server = await serve(self._connection, "127.0.0.1", 0, process_request=self._before)
        self.url = f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}"

    async def stop(self) -> None:
        """Ends it and its connections."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def hear(self) -> dict[str, Any]:
        """The next thing that a client says; an error after ten seconds of silence."""
        return await asyncio.wait_for(self.said.get(), 10)

    async def join(self) -> WebSocketServerProtocol:
        """The next connection; an error after ten seconds without one."""
        return await asyncio.wait_for(self.joined.get(), 10)

    async def _before(self, path: str, headers: Any) -> Any:
        self.paths.append(path)
        self.authorizations.append(headers.get("Authorization"))
        return (HTTPStatus(self.refuse.pop(0)), [], b"") if self.refuse else None

    async def _connection(self, ws: WebSocketServerProtocol) -> None:
        self.joined.put_nowait(ws)
        with contextlib.suppress(ConnectionClosed):
            async for message in ws:
                self.said.put_nowait(json.loads(message))
