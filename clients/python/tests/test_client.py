"""The canonical client against a server that misbehaves."""

from __future__ import annotations

import unittest
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Awaitable, Callable

from lockstep import LEAVE, ApiError, Busy, LockstepClient, NotFound, OutcomeUnknown, Refused, Retry, TimedOut, Unauthorized

from .fakes import Asked, Deed, FakeRest, answer, hang_up, problem

QUICK = Retry(attempts=3, first_wait=0.001, longest_wait=0.05)
DONE = answer(200, b'{"account":"prop","clientId":"mine","state":"done","outcome":"filled","position":7,"filled":0.10,"price":1.085010000000000000001}')


class ClientCase(unittest.IsolatedAsyncioTestCase):
    """A client with a server of its own."""

    async def asyncSetUp(self) -> None:
        self.server = FakeRest()
        self.addCleanup(self.server.close)
        self.client = LockstepClient(f"http://{self.server.host}", "lk_1_secret", timeout=5, retry=QUICK)
        self.addAsyncCleanup(self.client.close)

    async def late(self) -> LockstepClient:
        """One that waits for a tenth of a second."""
        client = LockstepClient(f"http://{self.server.host}", "lk_1_secret", timeout=0.1, retry=QUICK)
        self.addAsyncCleanup(client.close)
        return client


class What_is_sent(ClientCase):
    async def test_each_method_asks_its_path_with_its_body(self) -> None:
        at = datetime(2026, 3, 2, 10, tzinfo=timezone(timedelta(hours=2)))
        trade: list[tuple[Callable[[LockstepClient], Awaitable[Any]], str, Any]] = [
            (lambda c: c.place("prop", "EURUSD", "buy", Decimal("0.10")), "POST /v1/accounts/prop/orders", {"symbol": "EURUSD", "side": "buy", "volume": 0.1, "type": "market"}),
            (
                lambda c: c.place("a b/c", "EURUSD", "sell", 1, type="stopLimit", price=1.2, limit_price=1.1, stop_loss=1.3, take_profit=1.0, expiry=at, wait=0), "POST /v1/accounts/a%20b%2Fc/orders?waitMs=0",
                {
                    "symbol": "EURUSD", "side": "sell", "volume": 1, "type": "stopLimit", "price": 1.2, "limitPrice": 1.1, "stopLoss": 1.3, "takeProfit": 1.0,
                    "expiry": "2026-03-02T08:00:00.000Z",
                },
            ),
            (lambda c: c.modify_position("prop", 7, stop_loss=1.1), "PATCH /v1/accounts/prop/positions/7", {"stopLoss": 1.1}),
            (lambda c: c.modify_position("prop", 7, take_profit=None, wait=1.5), "PATCH /v1/accounts/prop/positions/7?waitMs=1500", {"takeProfit": None}),
            (lambda c: c.close_position("prop", 7), "POST /v1/accounts/prop/positions/7/close", {}),
            (lambda c: c.close_position("prop", 7, 0.5), "POST /v1/accounts/prop/positions/7/close", {"volume": 0.5}),
            (lambda c: c.close_by("prop", 7, 8), "POST /v1/accounts/prop/positions/7/close-by", {"opposite": 8}),
            (lambda c: c.reverse("prop", 7, volume=2), "POST /v1/accounts/prop/positions/7/reverse", {"volume": 2}),
            (lambda c: c.modify_order("prop", 9, price=1.1, stop_loss=None, take_profit=LEAVE), "PATCH /v1/accounts/prop/orders/9", {"price": 1.1, "stopLoss": None}),
            (lambda c: c.cancel_order("prop", 9), "DELETE /v1/accounts/prop/orders/9", None),
            (lambda c: c.close_positions("prop", {"all": True}), "POST /v1/accounts/prop/positions/close", {"all": True}),
            (lambda c: c.modify_positions("prop", {"ids": [7]}, stop_loss=None), "POST /v1/accounts/prop/positions/modify", {"ids": [7], "stopLoss": None}),
            (lambda c: c.cancel_orders("prop", {"symbol": "EURUSD"}), "POST /v1/accounts/prop/orders/cancel", {"symbol": "EURUSD"}),
            (lambda c: c.register_account({"name": "x"}), "POST /v1/accounts", {"name": "x"}),
            (lambda c: c.remove_account("x"), "DELETE /v1/accounts/x", None),
            (lambda c: c.connect("x"), "POST /v1/accounts/x/connect", {}),
            (lambda c: c.disconnect("x"), "POST /v1/accounts/x/disconnect", {}),
            (lambda c: c.create_link({"name": "l"}), "POST /v1/links", {"name": "l"}),
            (lambda c: c.change_link("l", {"mode": None}), "PATCH /v1/links/l", {"mode": None}),
            (lambda c: c.remove_link("l"), "DELETE /v1/links/l", None),
        ]
        for call, line, body in trade:
            with self.subTest(line):
                self.server.script = [DONE]
                await call(self.client)
                asked = self.server.asked[-1]
                self.assertEqual((f"{asked.method} {asked.path}", asked.body), (line, body))
                self.assertRegex(asked.key or "", "^[0-9a-f]{32}$")
                self.assertEqual(asked.headers["authorization"], "Bearer lk_1_secret")

    async def test_reads_ask_their_path_without_a_key(self) -> None:
        at = datetime(2026, 3, 2, tzinfo=timezone.utc)
        rows: list[tuple[Callable[[LockstepClient], Awaitable[Any]], str, Any, Any]] = [
            (lambda c: c.accounts(), "/v1/accounts", {"accounts": [1]}, [1]),
            (lambda c: c.account("prop"), "/v1/accounts/prop", {"account": "prop"}, {"account": "prop"}),
            (lambda c: c.health("prop"), "/v1/accounts/prop/health", {}, {}),
            (lambda c: c.positions("prop"), "/v1/accounts/prop/positions", {"positions": []}, []),
            (lambda c: c.orders("prop"), "/v1/accounts/prop/orders", {"orders": []}, []),
            (lambda c: c.symbols("prop"), "/v1/accounts/prop/symbols", {"symbols": []}, []),
            (lambda c: c.price("prop", "EURUSD"), "/v1/accounts/prop/price?symbol=EURUSD", {"bid": 1}, {"bid": 1}),
            (lambda c: c.journal(account="prop"), "/v1/journal?account=prop", {"events": []}, {"events": []}),
            (lambda c: c.deals("prop", since=at, position=7), "/v1/accounts/prop/deals?from=2026-03-02T00%3A00%3A00.000Z&position=7", {"deals": []}, []),
            (lambda c: c.candles("prop", "EURUSD", "M5", limit=2), "/v1/accounts/prop/candles?symbol=EURUSD&frame=M5&limit=2", {"candles": []}, {"candles": []}),
            (lambda c: c.ticks("prop", "EURUSD"), "/v1/accounts/prop/ticks?symbol=EURUSD", {"ticks": []}, []),
            (lambda c: c.request("prop", "evening 1/7"), "/v1/accounts/prop/requests/evening%201/7", {"state": "done"}, {"state": "done"}),
            (lambda c: c.links(), "/v1/links", {"links": []}, []),
            (lambda c: c.legs(), "/v1/legs", {"legs": []}, []),
            (lambda c: c.why(link="l", limit=3), "/v1/why?link=l&limit=3", {"why": []}, []),
            (lambda c: c.alerts(), "/v1/alerts", {"alerts": []}, []),
        ]
        for call, path, body, expected in rows:
            with self.subTest(path):
                self.server.script = [answer(200, body)]
                self.assertEqual(await call(self.client), expected)
                asked = self.server.asked[-1]
                self.assertEqual((asked.method, asked.path, asked.key), ("GET", path, None))

    async def test_what_cannot_be_sent_is_not_sent(self) -> None:
        calls: list[Callable[[], Awaitable[Any]]] = [
            lambda: self.client.account(".."), lambda: self.client.account(""), lambda: self.client.place("prop", "EURUSD", "buy", float("nan")),
            lambda: self.client.place("prop", "EURUSD", "buy", Decimal("Infinity")), lambda: self.client.deals("prop", since=datetime(2026, 1, 1)),
        ]
        for call in calls:
            with self.assertRaises(ValueError):
                await call()
        with self.assertRaises(TypeError):
            await self.client.register_account({"name": object()})
        self.assertEqual(self.server.asked, [])

    async def test_numbers_go_and_come_exactly(self) -> None:
        self.server.script = [DONE]
        trade = await self.client.place("prop", "EURUSD", "buy", Decimal("0.10"), price=Decimal("1.085010000000000000001"))
        self.assertEqual((str(trade["filled"]), str(trade["price"])), ("0.10", "1.085010000000000000001"))
        self.assertIn(b'"volume":0.10', self.server.raw[-1])
        self.assertIn(b'"price":1.085010000000000000001', self.server.raw[-1])

    async def test_no_secret_shows(self) -> None:
        self.assertNotIn("secret", repr(self.client))


class How_it_ends(ClientCase):
    async def test_errors_have_a_type_each(self) -> None:
        rows: list[tuple[Deed, type[ApiError]]] = [
            (problem(401, "unauthorized", "No key."), Unauthorized),
            (problem(403, "account-not-covered", "Not yours."), Unauthorized),
            (problem(404, "not-found", "No account 'x'."), NotFound),
            (problem(422, "refused", "No money.", request={"state": "refused", "refusal": "noMoney"}), Refused),
            (problem(429, "too-many", "Slower."), Busy),
            (problem(409, "account-disabled", "Disabled.", errors=[{"field": "x", "value": "1", "reason": "no"}], correlationId="c-1"), ApiError),
        ]
        for deed, kind in rows:
            with self.subTest(kind):
                self.server.script = [deed] * 3
                with self.assertRaises(kind) as caught:
                    await self.client.place("prop", "EURUSD", "buy", 1)
                self.assertIn("Do this.", str(caught.exception))
        self.assertEqual((caught.exception.problem.correlation_id, caught.exception.problem.errors[0]["field"]), ("c-1", "x"))

    async def test_what_nobody_can_say_is_no_good_answer(self) -> None:
        for state in ("unknown", "inFlight"):
            self.server.script = [answer(202, {"account": "prop", "clientId": "mine", "state": state})]
            with self.assertRaises(OutcomeUnknown) as caught:
                await self.client.place("prop", "EURUSD", "buy", 1, idempotency_key="mine")
            self.assertEqual(caught.exception.idempotency_key, "mine")

    async def test_outcome_waits_until_it_is_known(self) -> None:
        self.server.script = [answer(200, {"state": "inFlight"}), DONE]
        self.assertEqual((await self.client.outcome("prop", "mine"))["state"], "done")
        self.server.script = [answer(200, {"state": "unknown"})]
        with self.assertRaises(OutcomeUnknown):
            await self.client.outcome("prop", "mine", within=0)

    async def test_a_trade_that_is_late_is_unknown_and_not_sent_again(self) -> None:
        self.server.script = [self.server.stall]
        with self.assertRaises(OutcomeUnknown) as caught:
            await (await self.late()).place("prop", "EURUSD", "buy", 1)
        self.assertEqual([a.key for a in self.server.asked], [caught.exception.idempotency_key])

    async def test_a_trade_that_may_take_long_is_waited_for(self) -> None:
        def slow(connection: Any) -> None:
            self.server.silence.wait(0.3)
            DONE(connection)

        self.server.script = [slow]
        trade = await (await self.late()).place("prop", "EURUSD", "buy", 1, wait=1)
        self.assertEqual(trade["state"], "done")

    async def test_a_write_that_breaks_is_made_again_under_the_same_key(self) -> None:
        self.server.script = [hang_up, DONE]
        await self.client.place("prop", "EURUSD", "buy", 1)
        first, second = self.server.asked
        self.assertEqual((first.key, first.body), (second.key, second.body))

    async def test_a_read_that_is_late(self) -> None:
        self.server.script = [self.server.stall]
        with self.assertRaises(TimedOut):
            await (await self.late()).accounts()
        asked: list[Asked] = self.server.asked
        self.assertEqual(len(asked), 1)


if __name__ == "__main__":
    unittest.main()
