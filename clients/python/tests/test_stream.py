"""The stream against a server that breaks off anywhere."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import unittest
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.legacy.server import WebSocketServerProtocol

from lockstep import ApiError, Bookmark, ConnectionProblem, LockstepClient, Stream, Unauthorized

from .fakes import FakeSockets

HELLO = {"type": "hello", "protocol": 1, "server": "0", "instance": "one", "first": 1, "last": 5, "at": "2026-03-02T09:00:00.000Z"}


class StreamCase(unittest.IsolatedAsyncioTestCase):
    """A stream with a server of its own."""

    async def asyncSetUp(self) -> None:
        logging.getLogger("lockstep").setLevel(logging.CRITICAL)
        self.server = FakeSockets()
        await self.server.start()
        self.addAsyncCleanup(self.server.stop)

    def stream(self, **wanted: Any) -> Stream:
        client = LockstepClient(self.server.url.replace("ws://", "http://"), "lk_1_secret")
        stream = client.stream(**wanted)
        stream.first_delay = stream._delay = 0.001
        self.addAsyncCleanup(stream.close)
        self.addAsyncCleanup(client.close)
        return stream

    async def begin(self, stream: Stream, *messages: Any) -> tuple[WebSocketServerProtocol, asyncio.Task[Any], dict[str, Any]]:
        """Asks for the next message, takes the connection and greets; answers the server's end, the asking task and what was subscribed."""
        task = asyncio.ensure_future(stream.__anext__())
        ws = await self.server.join()
        await ws.send(json.dumps(HELLO))
        request = await self.server.hear()
        for message in messages:
            await ws.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
        return ws, task, request


class A_stream(StreamCase):
    async def test_it_says_what_it_wants_and_hands_out_what_comes(self) -> None:
        stream = self.stream(topics=["events", "prices"], accounts=["prop"], symbols=["EURUSD"])
        ws, task, request = await self.begin(
            stream, {"type": "subscribed", "after": 5}, "{", "[]", {"type": "pong"}, '{"type":"prices","prices":[{"bid":1.085010000000000000001}]}', {"type": "tomorrow"}
        )
        self.assertEqual(self.server.authorizations, ["Bearer lk_1_secret"])
        self.assertEqual(self.server.paths, ["/v1/stream"])
        self.assertEqual(request, {"type": "subscribe", "id": "1", "topics": ["events", "prices"], "accounts": ["prop"], "symbols": ["EURUSD"], "snapshot": True})
        self.assertEqual(str((await task)["prices"][0]["bid"]), "1.085010000000000000001")
        self.assertEqual((await stream.__anext__())["type"], "tomorrow")

    async def test_the_bookmark_is_what_was_handled(self) -> None:
        stream = self.stream()
        self.assertIsNone(stream.bookmark)
        _, task, _ = await self.begin(stream, {"type": "subscribed", "after": 5}, {"type": "event", "seq": 6}, {"type": "event", "seq": 9})
        self.assertEqual((await task)["seq"], 6)
        # Not yet handled: who stops here and goes on after the bookmark is told it again.
        self.assertIsNone(stream.bookmark)
        await stream.__anext__()
        self.assertEqual(stream.bookmark, Bookmark("one", 6))

    async def test_it_goes_on_after_a_bookmark(self) -> None:
        _, task, request = await self.begin(self.stream(after=Bookmark("one", 3)), {"type": "subscribed", "after": 3}, {"type": "event", "seq": 3}, {"type": "event", "seq": 4})
        self.assertEqual((request["after"], request["instance"], request["snapshot"]), (3, "one", False))
        self.assertEqual((await task)["seq"], 4)

    async def test_a_gap_is_told_and_asked_about_again_until_it_is(self) -> None:
        stream = self.stream(after=Bookmark("other", 3))
        ws, task, _ = await self.begin(stream, {"type": "subscribed", "after": 5})
        await ws.close()
        ws = await self.server.join()
        await ws.send(json.dumps(HELLO))
        request = await self.server.hear()
        self.assertEqual((request["after"], request["instance"]), (3, "other"))
        for message in ({"type": "subscribed", "after": 5}, {"type": "gap", "reason": "instance"}):
            await ws.send(json.dumps(message))
        self.assertEqual((await task)["type"], "gap")
        await ws.close()
        _, task, request = await self.begin(stream, {"type": "subscribed", "after": 5}, {"type": "snapshot", "account": "prop", "seq": 5})
        self.assertEqual((request["after"], request["instance"], request["snapshot"]), (5, "one", True))
        self.assertEqual((await task)["type"], "snapshot")

    async def test_snapshots_are_asked_for_again_until_all_are_there(self) -> None:
        stream = self.stream()
        ws, task, request = await self.begin(stream, {"type": "subscribed", "after": 5}, {"type": "snapshot", "account": "prop", "seq": 8})
        self.assertEqual((await task)["account"], "prop")
        self.assertEqual(await self.server.hear(), {"type": "ping", "id": "snapshots"})
        await ws.close()
        ws, task, request = await self.begin(stream, {"type": "subscribed", "after": 5}, {"type": "snapshot", "account": "prop", "seq": 9})
        self.assertTrue(request["snapshot"])
        await task
        await self.server.hear()
        await ws.send(json.dumps({"type": "pong", "id": "snapshots"}))
        task = asyncio.ensure_future(stream.__anext__())
        await ws.send(json.dumps({"type": "prices", "prices": []}))
        await task
        await ws.close()
        # Now they are there: every event after the number is told, but for what stands in a snapshot.
        events = [{"type": "event", "seq": 7, "account": "other"}, {"type": "event", "seq": 9, "account": "prop"}, {"type": "event", "seq": 10, "account": "prop"}]
        _, task, request = await self.begin(stream, {"type": "subscribed", "after": 5}, *events)
        self.assertEqual((request["after"], request["snapshot"]), (5, False))
        self.assertEqual([(await task)["seq"], (await stream.__anext__())["seq"]], [7, 10])

    async def test_what_the_server_refuses_is_an_error(self) -> None:
        _, task, _ = await self.begin(self.stream(), {"type": "error", "code": "unknown-account", "detail": "No account 'x'.", "advice": "Name one.", "errors": None})
        with self.assertRaises(ApiError) as caught:
            await task
        self.assertEqual(caught.exception.code, "unknown-account")
        self.server.refuse = [401]
        with self.assertRaises(Unauthorized):
            await self.stream().__anext__()

    async def test_another_protocol_is_an_error(self) -> None:
        task = asyncio.ensure_future(self.stream().__anext__())
        ws = await self.server.join()
        await ws.send(json.dumps({**HELLO, "protocol": 2}))
        with self.assertRaises(ConnectionProblem):
            await task

    async def test_a_server_that_is_not_there_is_an_error_at_first_only(self) -> None:
        self.server.refuse = [503]
        with self.assertRaises(ConnectionProblem):
            await self.stream().__anext__()
        stream = self.stream()
        ws, task, _ = await self.begin(stream, {"type": "subscribed", "after": 5})
        self.server.refuse = [503, 503]
        await ws.close()
        ws = await self.server.join()
        await ws.send(json.dumps(HELLO))
        self.assertEqual((await self.server.hear())["after"], 5)
        await ws.send(json.dumps({"type": "event", "seq": 6}))
        self.assertEqual((await task)["seq"], 6)

    async def test_closing_ends_the_iteration(self) -> None:
        stream = self.stream()
        async with stream:
            ws, task, _ = await self.begin(stream, {"type": "subscribed", "after": 5})
            await stream.close()
            with self.assertRaises(StopAsyncIteration):
                await task
        with self.assertRaises(StopAsyncIteration):
            await stream.__anext__()


class Breaking_off_anywhere(StreamCase):
    async def test_every_event_comes_once_and_in_order(self) -> None:
        """Seeded: a server that keeps a log and breaks off at any point, in the middle of anything, by a close or without one."""
        for seed in range(8):
            with self.subTest(seed=seed):
                chance = random.Random(seed)
                log = sorted(chance.sample(range(6, 400), 120))
                stream = self.stream(snapshot=False)
                serving = asyncio.ensure_future(self.serve(log, chance))
                got: list[int] = []
                async for message in stream:
                    got.append(message["seq"])
                    if got[-1] == log[-1]:
                        break
                self.assertEqual(got, log)
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
                await stream.close()
                while not self.server.joined.empty():
                    self.server.joined.get_nowait()

    async def serve(self, log: list[int], chance: random.Random) -> None:
        while True:
            ws = await self.server.joined.get()
            try:
                if chance.random() < 0.1:
                    ws.transport.abort()
                    continue
                await ws.send(json.dumps(HELLO))
                request = await self.server.said.get()
                after = request.get("after", 5)
                await ws.send(json.dumps({"type": "subscribed", "after": after}))
                # An overlap, as a server might send that reads its log again.
                for seq in [s for s in log if s > after - chance.choice([0, 30])]:
                    await ws.send(json.dumps({"type": "event", "seq": seq}))
                    if chance.random() < 0.05:
                        break
                else:
                    continue
                if chance.random() < 0.5:
                    ws.transport.abort()
                else:
                    await ws.close(4008)
            except ConnectionClosed:
                continue


if __name__ == "__main__":
    unittest.main()
