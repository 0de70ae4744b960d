"""Requests of the drop-in clients against a server that misbehaves."""

from __future__ import annotations

import base64
import unittest
from datetime import datetime, timezone
from typing import Any, Callable

from lockstep import (
    ApiError,
    BrokerAPIError,
    BrokerConnectionError,
    ConnectionProblem,
    CTraderAPIClient,
    MT4APIClient,
    MT5APIClient,
    PlatformAPIClient,
    Retry,
    TradeOutcomeUnknown,
)

from .fakes import Deed, FakeRest, answer, hang_up, problem

QUICK = Retry(attempts=3, first_wait=0.001, longest_wait=0.05)
UUID = "0b8f7a52-6d3e-4c0e-9b53-0f1f6f3f4b11"


class RestCase(unittest.TestCase):
    """A client with a server of its own."""

    def setUp(self) -> None:
        self.server = FakeRest()
        self.addCleanup(self.server.close)
        self.client = self.make(MT5APIClient)

    def make(self, kind: type[PlatformAPIClient], user: str = "backend:lk_1_secret@", timeout: float = 5.0) -> Any:
        client = kind(f"http://{user}{self.server.host}", 5001, "old-password", "Broker-Live", UUID, timeout=timeout, retry=QUICK)
        return client

    def trade(self) -> Any:
        return self.client.place_trade("EURUSD", 0.1, "BUY", 0.0, 0.0)


class What_is_sent(RestCase):
    AUTH = {"account_id": 5001, "password": "old-password", "broker_server": "Broker-Live", "internal_account_id": UUID}

    def test_each_method_asks_its_path_with_its_fields(self) -> None:
        moment = datetime(2026, 3, 2, tzinfo=timezone.utc)
        rows: list[tuple[Callable[[PlatformAPIClient], Any], str, dict[str, Any]]] = [
            (lambda c: c.connect(), "connect", {}),
            (lambda c: c.get_account_info_rest(), "account_info", {}),
            (lambda c: c.get_all_open_positions_rest(), "positions/open", {}),
            (lambda c: c.get_position_by_ticket(7), "positions/details", {"position_ticket": 7}),
            (lambda c: c.get_position_by_order(8), "positions/by_order", {"order_id": 8}),
            (lambda c: c.get_live_price("EURUSD"), "price", {"symbol": "EURUSD"}),
            (lambda c: c.get_symbol_info("EURUSD"), "symbol_info", {"symbol": "EURUSD"}),
            (lambda c: c.get_historical_candles("EURUSD", "M5", 10), "candles", {"symbol": "EURUSD", "timeframe": "M5", "count": 10}),
            (
                lambda c: c.get_historical_candles("EURUSD", "M5", start_time=moment, end_time=moment), "candles",
                {"symbol": "EURUSD", "timeframe": "M5", "start_time": "2026-03-02T00:00:00+00:00", "end_time": "2026-03-02T00:00:00+00:00"},
            ),
            (lambda c: c.fetch_trade_sync_data(7, "EURUSD"), "deals/sync_data", {"position_id": 7, "instrument_symbol": "EURUSD"}),
            (lambda c: c.get_deals_history(moment), "deals/history", {"start_time": "2026-03-02T00:00:00+00:00"}),
            (
                lambda c: c.place_trade("EURUSD", 0.1, "SELL", 0.0, 1.5, "LIMIT", 1.2), "trade",
                {"symbol": "EURUSD", "lot_size": 0.1, "direction": "SELL", "stop_loss": 0.0, "take_profit": 1.5, "order_type": "LIMIT", "limit_price": 1.2},
            ),
            (lambda c: c.close_trade(7, 0.1, "EURUSD"), "positions/close", {"ticket": 7, "volume": 0.1, "symbol": "EURUSD"}),
            (lambda c: c.cancel_order(9), "orders/cancel", {"order_ticket": 9}),
            (
                lambda c: c.modify_position_protection(7, "EURUSD", stop_loss=1.1), "positions/modify_protection",
                {"position_id": 7, "symbol": "EURUSD", "stop_loss": 1.1, "take_profit": None},
            ),
            (lambda c: c.start_headless_poller(), "headless/poller/start", {}),
            (lambda c: c.headless_subscribe_price("EURUSD"), "headless/subscribe/price", {"symbol": "EURUSD"}),
            (lambda c: c.headless_unsubscribe_price("EURUSD"), "headless/unsubscribe/price", {"symbol": "EURUSD"}),
            (lambda c: c.headless_subscribe_candles("EURUSD", "M1"), "headless/subscribe/candles", {"symbol": "EURUSD", "timeframe": "M1"}),
            (lambda c: c.headless_unsubscribe_candles("EURUSD", "M1"), "headless/unsubscribe/candles", {"symbol": "EURUSD", "timeframe": "M1"}),
        ]
        for kind, face in ((MT4APIClient, "/mt4"), (MT5APIClient, "/mt5"), (CTraderAPIClient, "/ctrader")):
            client = self.make(kind)
            for call, path, fields in rows:
                with self.subTest(face=face, path=path):
                    call(client)
                    asked = self.server.asked[-1]
                    self.assertEqual((asked.method, asked.path, asked.body), ("POST", f"{face}/{path}", {**self.AUTH, **fields}))

    def test_what_goes_without_credentials(self) -> None:
        self.client.close_instance("other")
        self.client.delete_instance()
        self.client.headless_subscriptions_status()
        self.assertEqual(
            [(a.method, a.path, a.body) for a in self.server.asked],
            [("POST", "/mt5/close", {"internal_account_id": "other"}), ("DELETE", f"/mt5/instance/{UUID}", None), ("GET", "/mt5/headless/subscriptions/status", None)],
        )

    def test_the_key_of_the_address_goes_as_basic_and_nothing_goes_in_the_path(self) -> None:
        self.client.get_account_info_rest()
        asked = self.server.asked[0]
        self.assertEqual(base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")), b"backend:lk_1_secret")
        self.assertNotIn("secret", asked.path)
        self.assertNotIn("secret", asked.headers["host"])

    def test_without_one_the_password_is_the_key(self) -> None:
        self.make(MT5APIClient, user="").delete_instance()
        self.assertEqual(base64.b64decode(self.server.asked[0].headers["authorization"].removeprefix("Basic ")), b"lockstep:old-password")

    def test_candles_of_no_span_are_not_asked_for(self) -> None:
        self.assertIn("count", self.client.get_historical_candles("EURUSD", "M1")["error"])
        self.assertEqual(self.server.asked, [])

    def test_what_is_no_address_is_said_without_the_key(self) -> None:
        for address in ("localhost:8080", "ftp://a:lk_secret@host", "http://a:lk_secret@", "http://a:lk_secret@host:port", "http://a:lk_secret@host/?x=1"):
            with self.subTest(address=address), self.assertRaises(ValueError) as caught:
                MT5APIClient(address, 1, "", "", UUID)
            self.assertNotIn("lk_secret", str(caught.exception))
            self.assertIsNone(caught.exception.__cause__)

    def test_no_secret_shows(self) -> None:
        self.assertNotIn("secret", repr(self.client))
        self.server.script = [hang_up] * 3
        with self.assertRaises(BrokerConnectionError) as caught:
            self.client.get_account_info_rest()
        error: BaseException | None = caught.exception
        while error is not None:
            self.assertNotIn("secret", str(error))
            self.assertNotIn("old-password", str(error))
            error = error.__cause__


class What_comes_back(RestCase):
    def test_an_answer_is_handed_on_as_it_is(self) -> None:
        self.server.script = [answer(200, {"balance": 1000.5, "ticket": 9007199254740993})]
        self.assertEqual(self.client.get_account_info_rest(), {"balance": 1000.5, "ticket": 9007199254740993})

    def test_errors_carry_what_the_server_said(self) -> None:
        rows: list[tuple[Deed, str, str]] = [
            (problem(404, "not-found", "No position 7."), "MT5 API error: No position 7. (Status 404)", "not-found"),
            (answer(422, {"detail": [{"loc": ["body", "symbol"], "msg": "field required"}]}), "MT5 API error: field required (Status 422)", ""),
            (answer(400, {"error": {"code": "BAD", "message": "no such symbol", "details": {}}}), "MT5 API error: no such symbol (Status 400)", "BAD"),
            (answer(400, b"<html>no"), "MT5 API error: <html>no (Status 400)", ""),
            (answer(400, b""), "MT5 API error: HTTP 400 without a word (Status 400)", ""),
            (answer(400, b"[1]"), "MT5 API error: [1] (Status 400)", ""),
            (answer(400, {"detail": []}), 'MT5 API error: {"detail": []} (Status 400)', ""),
            (answer(307, b"", Location="/elsewhere"), "MT5 API error: POST /mt5/account_info is redirected, which is not followed. Give the address that it leads to. (Status 307)", ""),
        ]
        for deed, text, code in rows:
            with self.subTest(text=text):
                self.server.script = [deed]
                with self.assertRaises(BrokerAPIError) as caught:
                    self.client.get_account_info_rest()
                self.assertEqual((str(caught.exception), caught.exception.code), (text, code))

    def test_a_good_answer_that_is_no_json_object(self) -> None:
        self.server.script = [answer(200, [1])]
        with self.assertRaises(BrokerAPIError):
            self.client.get_account_info_rest()
        self.server.script = [answer(200, b"<html>")]
        with self.assertRaises(BrokerConnectionError):
            self.client.get_account_info_rest()
        self.server.script = [answer(200, b"<html>")]
        with self.assertRaises(TradeOutcomeUnknown):
            self.trade()

    def test_programs_with_errors_of_their_own_get_those(self) -> None:
        class Own(Exception):
            pass

        class OwnConnection(Exception):
            pass

        self.client.api_error_type, self.client.connection_error_type = Own, OwnConnection
        self.server.script = [problem(404, "not-found", "No position 7."), *[hang_up] * 3, self.server.stall]
        with self.assertRaises(Own) as said:
            self.client.get_position_by_ticket(7)
        self.assertIsInstance(said.exception.__cause__, ApiError)
        with self.assertRaises(OwnConnection):
            self.client.get_account_info_rest()
        self.client = self.make(MT5APIClient, timeout=0.1)
        self.client.connection_error_type = OwnConnection
        with self.assertRaises(OwnConnection) as unknown:
            self.trade()
        self.assertIsInstance(unknown.exception.__cause__, TradeOutcomeUnknown)


class When_it_is_sent_again(RestCase):
    def test_a_read_that_breaks_is_made_again(self) -> None:
        self.server.script = [hang_up, hang_up, answer(200, {"balance": 1})]
        self.assertEqual(self.client.get_account_info_rest(), {"balance": 1})

    def test_but_not_for_ever(self) -> None:
        self.server.script = [hang_up] * 3
        with self.assertRaises(BrokerConnectionError):
            self.client.get_account_info_rest()
        self.assertEqual(len(self.server.asked), 3)

    def test_a_read_that_is_late_is_not_made_again(self) -> None:
        self.server.script = [self.server.stall]
        with self.assertRaises(BrokerConnectionError) as caught:
            self.make(MT5APIClient, timeout=0.1).get_account_info_rest()
        self.assertNotIsInstance(caught.exception, TradeOutcomeUnknown)
        self.assertEqual(len(self.server.asked), 1)

    def test_a_write_that_breaks_is_made_again_under_the_same_key(self) -> None:
        self.server.script = [hang_up, answer(200, {"order_id": 1})]
        self.assertEqual(self.trade(), {"order_id": 1})
        first, second = self.server.asked
        self.assertEqual(first.key, second.key)
        self.assertEqual(first.body, second.body)
        self.assertRegex(first.key or "", "^[0-9a-f]{32}$")

    def test_two_trades_have_two_keys(self) -> None:
        self.trade()
        self.trade()
        self.assertNotEqual(self.server.asked[0].key, self.server.asked[1].key)

    def test_a_key_of_the_caller_is_taken(self) -> None:
        self.client.place_trade("EURUSD", 0.1, "BUY", 0.0, 0.0, idempotency_key="mine")
        self.assertEqual(self.server.asked[0].key, "mine")

    def test_a_write_that_is_late_is_unknown_and_not_made_again(self) -> None:
        self.server.script = [self.server.stall]
        client = self.make(MT5APIClient, timeout=0.1)
        with self.assertRaises(TradeOutcomeUnknown) as caught:
            client.close_trade(7, 0.1, "EURUSD")
        self.assertEqual([a.key for a in self.server.asked], [caught.exception.idempotency_key])

    def test_a_write_that_breaks_each_time_is_unknown(self) -> None:
        self.server.script = [hang_up] * 3
        with self.assertRaises(TradeOutcomeUnknown) as caught:
            self.trade()
        self.assertEqual({a.key for a in self.server.asked}, {caught.exception.idempotency_key})

    def test_what_an_earlier_attempt_may_have_done_is_not_denied(self) -> None:
        # The second attempt is turned away before the key is looked up: that says nothing about the first.
        for deed in (problem(401, "unauthorized", "No."), problem(503, "stopping", "Stopping.", retry=0), problem(429, "too-many", "Slower.")):
            with self.subTest(), self.assertRaises(TradeOutcomeUnknown):
                self.server.script = [hang_up, deed, deed]
                self.trade()
        self.server.script = [hang_up, problem(422, "refused", "No money.")]
        with self.assertRaises(BrokerAPIError):
            self.trade()

    def test_an_error_of_a_proxy_says_nothing_about_a_write(self) -> None:
        for deed, unknown in ((answer(502, b"<html>Bad Gateway"), True), (answer(504, b""), True), (answer(500, b""), True), (problem(400, "bad-request", "No."), False)):
            self.server.script = [deed] * 3
            with self.assertRaises(TradeOutcomeUnknown if unknown else BrokerAPIError):
                self.trade()
        self.server.script = [answer(502, b"<html>Bad Gateway")]
        with self.assertRaises(BrokerAPIError):
            self.client.get_account_info_rest()

    def test_busy_is_waited_for_as_long_as_patience_goes(self) -> None:
        busy = answer(503, {"type": "urn:lockstep:problem:terminal-away", "detail": "Starting."}, Retry_After="0.01")
        self.server.script = [busy, busy, answer(200, {"order_id": 1})]
        self.assertEqual(self.trade(), {"order_id": 1})
        self.server.script = [answer(503, {"type": "urn:lockstep:problem:terminal-away", "detail": "Starting."}, Retry_After="10")]
        with self.assertRaises(BrokerAPIError) as caught:
            self.trade()
        self.assertEqual((caught.exception.status, caught.exception.retry_after, len(self.server.asked)), (503, 10.0, 4))

    def test_a_server_that_is_not_there(self) -> None:
        self.server.close()
        client = self.make(MT5APIClient)
        for call in (client.get_account_info_rest, client.connect):
            with self.assertRaises(BrokerConnectionError) as caught:
                call()
            self.assertNotIsInstance(caught.exception, TradeOutcomeUnknown)
            self.assertIsInstance(caught.exception.__context__, ConnectionProblem)


if __name__ == "__main__":
    unittest.main()
