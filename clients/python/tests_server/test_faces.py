"""The drop-in clients at a real server, as programs of the MT5 service use them."""

from __future__ import annotations

import asyncio
import time
import unittest
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from lockstep import BrokerAPIError, CTraderAPIClient, MT4APIClient, MT5APIClient, PlatformAPIClient
from lockstep.mt5_api_client import connection_manager

from . import KEY, PATIENCE, URL, WITH_KEY

ACCOUNTS: list[tuple[type[PlatformAPIClient], str]] = [(MT5APIClient, "source"), (MT4APIClient, "old"), (CTraderAPIClient, "target")]


def make(kind: type[PlatformAPIClient], account: str) -> PlatformAPIClient:
    return kind(WITH_KEY, 5001, "password-at-the-broker", "Broker-Live", account)


class Requests(unittest.TestCase):
    def test_from_connect_to_close_on_each_platform(self) -> None:
        for kind, account in ACCOUNTS:
            with self.subTest(account):
                client = make(kind, account)
                self.assertTrue(client.connect()["status"])
                self.assertGreater(client.get_account_info_rest()["margin_free"], 0)
                price = client.get_live_price("EURUSD")
                self.assertLess(price["bid"], price["ask"])
                self.assertGreater(client.get_symbol_info("EURUSD")["contract_size"], 0)

                placed = client.place_trade("EURUSD", 0.2, "BUY", 0.0, 0.0)
                self.assertEqual((placed["status"], placed["direction"]), ("filled", "BUY"))
                ticket = placed["opened_position_ticket"]
                self.assertEqual(client.get_position_by_ticket(ticket)["volume"], 0.2)
                client.modify_position_protection(ticket, "EURUSD", stop_loss=round(price["bid"] - 0.05, 5))
                client.modify_position_protection(ticket, "EURUSD", take_profit=round(price["bid"] + 0.05, 5))
                (row,) = [p for p in client.get_all_open_positions_rest()["open_positions"] if p["ticket"] == ticket]
                self.assertEqual((row["type"], row["sl"] > 0, row["tp"] > 0), (0, True, True))

                order = client.place_trade("EURUSD", 0.1, "SELL", 0.0, 0.0, order_type="LIMIT", limit_price=round(price["bid"] + 0.1, 5))
                self.assertEqual(order["status"], "pending")
                pending = [p["ticket"] for p in client.get_all_open_positions_rest()["open_positions"] if p["type"] == "pending_order"]
                self.assertIn(order["order_id"], pending)
                client.cancel_order(order["order_id"])

                client.close_trade(ticket, 0.2, "EURUSD")
                self.assertNotIn(ticket, [p["ticket"] for p in client.get_all_open_positions_rest()["open_positions"]])

    def test_a_key_of_the_caller_makes_one_trade_of_two_calls(self) -> None:
        client = make(MT5APIClient, "source")
        client.connect()
        first, second = (client.place_trade("EURUSD", 0.1, "BUY", 0.0, 0.0, idempotency_key="python-face-1") for _ in range(2))
        self.assertEqual(first["opened_position_ticket"], second["opened_position_ticket"])
        client.close_trade(first["opened_position_ticket"], 0.1, "EURUSD")

    def test_what_is_refused_has_a_text_and_a_status(self) -> None:
        client = make(MT5APIClient, "source")
        client.connect()
        rows: list[tuple[Callable[[], Any], int]] = [
            (lambda: client.place_trade("NOPE", 0.1, "BUY", 0.0, 0.0), 400), (lambda: client.place_trade("EURUSD", 0.001, "BUY", 0.0, 0.0), 400),
            (lambda: client.close_trade(123456789, 0.1, "EURUSD"), 400), (lambda: make(MT5APIClient, "nobody").connect(), 404), (lambda: make(MT4APIClient, "source").connect(), 409),
        ]
        for call, status in rows:
            with self.assertRaises(BrokerAPIError) as caught:
                call()
            self.assertIn(f"(Status {status})", str(caught.exception))
        stranger = MT5APIClient(URL.replace("://", "://python:wrong@"), 5001, "", "", "source")
        with self.assertRaises(BrokerAPIError) as refused:
            stranger.get_account_info_rest()
        self.assertEqual(refused.exception.status, 401)

    def test_the_password_may_be_the_key(self) -> None:
        client = MT5APIClient(URL, 5001, KEY, "Broker-Live", "source")
        self.assertGreater(client.get_account_info_rest()["balance"], 0)
        self.assertIsInstance(client.headless_subscriptions_status(), dict)

    def test_headless_subscriptions(self) -> None:
        client = make(MT5APIClient, "source")
        client.start_headless_poller()
        client.headless_subscribe_candles("EURUSD", "M1")
        with self.assertRaises(BrokerAPIError) as twice:
            client.headless_subscribe_candles("EURUSD", "M1")
        self.assertEqual(twice.exception.status, 409)
        client.headless_unsubscribe_candles("EURUSD", "M1")
        with self.assertRaises(BrokerAPIError) as gone:
            client.headless_unsubscribe_candles("EURUSD", "M1")
        self.assertEqual(gone.exception.status, 404)

    def test_history_of_a_span_may_be_empty_but_is_answered(self) -> None:
        end = datetime.now(timezone.utc)
        try:
            answer = make(MT5APIClient, "source").get_deals_history(end - timedelta(days=1), end)
        except BrokerAPIError as error:
            self.assertEqual(error.status, 400)  # Paper accounts have no history.
        else:
            self.assertIsInstance(answer["deals"], list)


class Live(unittest.IsolatedAsyncioTestCase):
    async def test_a_client_of_the_manager_hears_everything(self) -> None:
        client = await connection_manager.get_client(WITH_KEY, 5001, "password-at-the-broker", "Broker-Live", "source")
        self.addAsyncCleanup(connection_manager.close)
        heard: dict[str, asyncio.Queue[Any]] = {name: asyncio.Queue() for name in ("price", "candle", "positions", "closed")}
        client.register_price_listener("EURUSD", heard["price"].put_nowait)
        client.register_candle_listener("EURUSD", "M1", heard["candle"].put_nowait)
        client.register_open_positions_listener(heard["positions"].put_nowait)
        client.register_closed_position_listener(heard["closed"].put_nowait)
        await asyncio.wait_for(client.initial_data_received.wait(), PATIENCE)
        self.assertGreater(client.get_account_info()["balance"], 0)

        await client.subscribe_price("EURUSD")
        await client.subscribe_candles("EURUSD", "M1")
        price = await asyncio.wait_for(heard["price"].get(), PATIENCE)
        self.assertEqual(price["symbol"], "EURUSD")
        self.assertLessEqual({"time", "open", "high", "low", "close", "volume"}, set(await asyncio.wait_for(heard["candle"].get(), PATIENCE)))
        self.assertTrue(client.get_live_price("EURUSD")["bid"])

        placed = await asyncio.to_thread(client.place_trade, "EURUSD", 0.1, "SELL", 0.0, 0.0)
        ticket = placed["opened_position_ticket"]
        end = time.monotonic() + PATIENCE
        while ticket not in [p["ticket"] for p in client.last_open_positions]:
            self.assertLess(time.monotonic(), end)
            await asyncio.wait_for(heard["positions"].get(), PATIENCE)
        await asyncio.to_thread(client.close_trade, ticket, 0.1, "EURUSD")
        while str((await asyncio.wait_for(heard["closed"].get(), PATIENCE))["position_id"]) != str(ticket):
            self.assertLess(time.monotonic(), end)

    async def test_a_connection_that_breaks_comes_back_with_its_subscriptions(self) -> None:
        client = make(CTraderAPIClient, "target")
        client.reconnect_delay = 0.05
        heard: asyncio.Queue[Any] = asyncio.Queue()
        client.register_price_listener("EURUSD", heard.put_nowait)
        await client.subscribe_price("EURUSD")
        task = asyncio.create_task(client.manage_connection())
        try:
            for _ in range(2):
                await asyncio.wait_for(heard.get(), PATIENCE)
                assert client.ws is not None
                client.ws.transport.abort()
                while client.is_connected:
                    await asyncio.sleep(0.001)
                while not heard.empty():
                    heard.get_nowait()
            await asyncio.wait_for(heard.get(), PATIENCE)
        finally:
            await client.close()
            await asyncio.wait_for(task, PATIENCE)


if __name__ == "__main__":
    unittest.main()
