"""The canonical client at a real server."""

from __future__ import annotations

import unittest
from decimal import Decimal
from functools import partial

from lockstep import LockstepClient, NotFound, OutcomeUnknown, Refused, Unauthorized

from . import KEY, URL, WITH_KEY, until


class A_day_at_the_desk(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.client = LockstepClient(URL, KEY)
        self.addAsyncCleanup(self.client.close)
        for account in ("source", "target"):
            await until(partial(self.is_up, account))
        await self.client.close_positions("source", {"all": True})

    async def is_up(self, account: str) -> bool:
        return (await self.client.account(account))["state"] == "up"

    async def test_open_copy_change_close(self) -> None:
        trade = await self.client.place("source", "EURUSD", "buy", Decimal("0.50"), idempotency_key="python-1")
        self.assertEqual((trade["state"], trade["clientId"], trade["filled"]), ("done", "python-1", Decimal("0.5")))
        position = trade["position"]

        # The same key is the same trade; its outcome can be asked for.
        self.assertEqual((await self.client.place("source", "EURUSD", "buy", Decimal("0.50"), idempotency_key="python-1"))["position"], position)
        self.assertEqual((await self.client.outcome("source", "python-1"))["position"], position)
        self.assertEqual([p["position"] for p in await self.client.positions("source")], [position])

        async def copied() -> bool:
            return [p["volume"] for p in await self.client.positions("target")] == [Decimal("0.5")]

        await until(copied)
        self.assertEqual((await self.client.why(link="copy", limit=1))[0]["position"], position)
        self.assertIn(position, [leg.get("position") for leg in await self.client.legs("copy")])

        await self.client.modify_position("source", position, stop_loss=Decimal("0.9"), take_profit=Decimal("1.9"))
        await self.client.modify_position("source", position, take_profit=None)
        (now,) = await self.client.positions("source")
        self.assertEqual((now.get("stopLoss"), now.get("takeProfit")), (Decimal("0.9"), None))

        await self.client.close_position("source", position, Decimal("0.2"))
        turned = await self.client.reverse("source", position)
        self.assertEqual([p["side"] for p in await self.client.positions("source")], ["sell"])
        await self.client.close_position("source", turned["position"])

        async def flat() -> bool:
            return await self.client.positions("target") == []

        await until(flat)

    async def test_pending_orders_and_many_at_once(self) -> None:
        placed = await self.client.place("source", "EURUSD", "buy", Decimal("0.1"), type="limit", price=Decimal("0.95"))
        await self.client.modify_order("source", placed["order"], price=Decimal("0.94"))
        self.assertEqual((await self.client.orders("source"))[0]["price"], Decimal("0.94"))
        await self.client.cancel_order("source", placed["order"])
        for _ in range(2):
            await self.client.place("source", "EURUSD", "sell", Decimal("0.1"))
        many = await self.client.close_positions("source", {"symbol": "EURUSD", "side": "sell"})
        self.assertEqual((many["matched"], many["done"], many["open"]), (2, 2, 0))
        self.assertEqual((await self.client.orders("source"), await self.client.positions("source")), ([], []))

    async def test_what_is_refused_says_why(self) -> None:
        with self.assertRaises(Refused) as refused:
            await self.client.place("source", "EURUSD", "buy", Decimal("0.005"))
        self.assertEqual(refused.exception.problem.body["request"]["refusal"], "invalidVolume")
        with self.assertRaises(NotFound):
            await self.client.account("nobody")
        with self.assertRaises(NotFound):
            await self.client.request("source", "never")
        async with LockstepClient(URL, "wrong") as stranger:
            with self.assertRaises(Unauthorized):
                await stranger.accounts()

    async def test_an_answer_that_does_not_come_in_time_is_unknown_and_its_key_finds_it(self) -> None:
        async with LockstepClient(WITH_KEY) as hasty:
            with self.assertRaises(OutcomeUnknown) as unknown:
                await hasty.place("source", "EURUSD", "buy", Decimal("0.1"), wait=0)
            trade = await hasty.outcome("source", unknown.exception.idempotency_key)
            self.assertEqual(trade["state"], "done")
            await hasty.close_position("source", trade["position"])

    async def test_reading(self) -> None:
        self.assertLessEqual({"source", "target", "old"}, {a["account"] for a in await self.client.accounts()})
        self.assertIn("EURUSD", [s["symbol"] for s in await self.client.symbols("source")])
        self.assertEqual([(link["link"], link["source"], link["target"]) for link in await self.client.links()], [("copy", "source", "target")])
        self.assertIsInstance(await self.client.alerts(limit=5), list)
        self.assertTrue(await self.client.health("source"))
        price = await self.client.price("source", "EURUSD")
        self.assertLess(price["bid"], price["ask"])
        self.assertIn("session", [event["kind"] for event in (await self.client.journal(account="source", kind="session"))["events"]])

    async def test_links_and_sessions_at_run_time(self) -> None:
        await self.client.create_link({"name": "python", "source": "target", "target": "old", "mode": "off"})
        await self.client.change_link("python", {"mode": "shadow"})
        self.assertEqual([link["mode"] for link in await self.client.links() if link["link"] == "python"], ["shadow"])
        await self.client.remove_link("python")
        self.assertNotIn("python", [link["link"] for link in await self.client.links()])
        await self.client.disconnect("old")

        async def is_down() -> bool:
            return not await self.is_up("old")

        await until(is_down)
        await self.client.connect("old")
        await until(lambda: self.is_up("old"))


if __name__ == "__main__":
    unittest.main()
