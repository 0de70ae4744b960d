"""The stream at a real server."""

from __future__ import annotations

import asyncio
import unittest
from decimal import Decimal

from lockstep import ApiError, Bookmark, LockstepClient, Stream, Unauthorized
from lockstep.shapes import Json

from . import KEY, PATIENCE, URL


class Streams(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.client = LockstepClient(URL, KEY)
        self.addAsyncCleanup(self.client.close)

    async def next(self, stream: Stream, type: str) -> Json:
        """The next message of a type."""
        while True:
            message = await asyncio.wait_for(stream.__anext__(), PATIENCE)
            if message["type"] == type:
                return message

    async def trade(self) -> int:
        """Opens and closes a position."""
        position = (await self.client.place("source", "EURUSD", "buy", Decimal("0.1")))["position"]
        await self.client.close_position("source", position)
        return position

    async def until_closed(self, stream: Stream, position: int) -> list[tuple[int, str]]:
        """Events up to the one that says that the position is closed."""
        events: list[tuple[int, str]] = []
        while True:
            event = await self.next(stream, "event")
            events.append((event["seq"], event["kind"]))
            if event["kind"] == "position.closed" and event["position"]["position"] == position:
                return events

    async def test_a_snapshot_and_then_every_event(self) -> None:
        async with self.client.stream(["events"], accounts=["source"]) as stream:
            snapshot = await self.next(stream, "snapshot")
            self.assertEqual(snapshot["account"], "source")
            position = await self.trade()
            events = await self.until_closed(stream, position)
            self.assertEqual(events, sorted(events))
            self.assertIn("position.opened", [kind for _, kind in events])

    async def test_a_connection_that_breaks_loses_nothing(self) -> None:
        async with self.client.stream(["events"], accounts=["source"]) as whole, self.client.stream(["events"], accounts=["source"]) as broken:
            broken.first_delay = 0.01
            await self.next(whole, "snapshot")
            await self.next(broken, "snapshot")
            seen: list[tuple[int, str]] = []
            expected: list[tuple[int, str]] = []
            for round in range(4):
                if round > 0:
                    assert broken._ws is not None
                    broken._ws.transport.abort()
                position = await self.trade()
                seen += await self.until_closed(broken, position)
                expected += await self.until_closed(whole, position)
            self.assertEqual(seen, expected)

    async def test_a_bookmark_outlives_the_stream(self) -> None:
        async with self.client.stream(["positions"], accounts=["source"]) as stream:
            await self.next(stream, "snapshot")
            await self.until_closed(stream, await self.trade())
            mark = stream.bookmark
        position = await self.trade()
        assert mark is not None
        async with self.client.stream(["positions"], accounts=["source"], after=mark) as later:
            events = await self.until_closed(later, position)
        self.assertTrue(all(seq > mark.seq for seq, _ in events))
        self.assertEqual([kind for _, kind in events].count("position.opened"), 1)

    async def test_a_bookmark_of_another_server_is_a_gap(self) -> None:
        async with self.client.stream(["events"], accounts=["source"], after=Bookmark("00000000-0000-0000-0000-000000000001", 1)) as stream:
            self.assertEqual((await self.next(stream, "gap"))["reason"], "instance")
            await self.next(stream, "snapshot")

    async def test_prices(self) -> None:
        async with self.client.stream(["prices"], accounts=["source"], symbols=["EURUSD"]) as stream:
            price = (await self.next(stream, "prices"))["prices"][0]
            self.assertEqual((price["account"], price["symbol"]), ("source", "EURUSD"))
            self.assertLess(price["bid"], price["ask"])

    async def test_what_is_wrong_is_told(self) -> None:
        with self.assertRaises(ApiError) as caught:
            await asyncio.wait_for(self.client.stream(accounts=["nobody"]).__anext__(), PATIENCE)
        self.assertEqual(caught.exception.code, "unknown-account")
        with self.assertRaises(Unauthorized):
            await asyncio.wait_for(LockstepClient(URL, "wrong").stream().__anext__(), PATIENCE)


if __name__ == "__main__":
    unittest.main()
