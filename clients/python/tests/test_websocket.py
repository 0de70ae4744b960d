"""The WebSocket of the drop-in clients against a server that misbehaves."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import unittest
from typing import Any

from lockstep import MT5APIClient
from lockstep.manager import ConnectionManager, HeadlessOrchestrator

from .fakes import FakeRest, FakeSockets, answer, problem

UUID = "0b8f7a52-6d3e-4c0e-9b53-0f1f6f3f4b11"


class SocketCase(unittest.IsolatedAsyncioTestCase):
    """A client that connects to a server of its own."""

    async def asyncSetUp(self) -> None:
        logging.getLogger("lockstep").setLevel(logging.CRITICAL)
        self.server = FakeSockets()
        await self.server.start()
        self.addAsyncCleanup(self.server.stop)
        self.client = MT5APIClient("http://backend:lk_1_secret@127.0.0.1:1", 5001, "old-password", "Broker-Live", UUID)
        self.client.ws_base_url = self.server.url
        self.client.reconnect_delay = 0.01

    def start(self) -> asyncio.Task[None]:
        task = asyncio.create_task(self.client.manage_connection())

        async def end() -> None:
            await self.client.close()
            await asyncio.wait_for(task, 10)

        self.addAsyncCleanup(end)
        return task

    async def joined(self) -> Any:
        """The server's end of the next connection, when the client knows that it is there."""
        ws = await self.server.join()
        while not self.client.is_connected:
            await asyncio.sleep(0.001)
        return ws

    async def heard(self, got: asyncio.Queue[Any]) -> Any:
        return await asyncio.wait_for(got.get(), 10)


class A_connection(SocketCase):
    async def test_it_goes_to_the_account_with_the_key(self) -> None:
        self.start()
        await self.server.join()
        self.assertEqual(self.server.paths, [f"/ws/{UUID}/{self.client.client_id}"])
        self.assertEqual(base64.b64decode((self.server.authorizations[0] or "").removeprefix("Basic ")), b"backend:lk_1_secret")

    async def test_the_snapshot_fills_the_caches_and_reaches_listeners(self) -> None:
        got: asyncio.Queue[Any] = asyncio.Queue()

        async def later(data: Any) -> None:
            got.put_nowait(("coroutine", data))

        self.client.register_account_info_listener(got.put_nowait)
        self.client.register_open_positions_listener(later)
        self.client.register_closed_position_listener(later)
        self.start()
        ws = await self.joined()
        await ws.send(json.dumps({"type": "account_info", "data": {"balance": 1000.0}}))
        self.assertEqual(await self.heard(got), {"balance": 1000.0})
        await asyncio.wait_for(self.client.initial_data_received.wait(), 10)
        rows = [{"ticket": 7, "type": 0}, {"ticket": 9, "type": "pending_order"}]
        await ws.send(json.dumps({"type": "open_positions", "data": {"open_positions": [*rows, "no object"]}}))
        self.assertEqual(await self.heard(got), ("coroutine", rows))
        await ws.send(json.dumps({"type": "closed_position", "data": {"position_id": "7"}}))
        self.assertEqual(await self.heard(got), ("coroutine", {"position_id": "7"}))
        self.assertEqual((self.client.get_account_info(), self.client.get_open_positions()), ({"balance": 1000.0}, {"open_positions": rows}))
        self.assertTrue(self.client.is_connected)

    async def test_prices_and_candles_go_to_those_who_asked(self) -> None:
        got: asyncio.Queue[Any] = asyncio.Queue()
        self.client.register_price_listener("EUR_USD", got.put_nowait)
        self.client.register_price_listener("EUR_USD", got.put_nowait)
        self.client.register_candle_listener("EUR_USD", "M1", got.put_nowait)
        self.start()
        ws = await self.server.join()
        price, candle = {"symbol": "EUR_USD", "bid": 1.1, "ask": 1.2}, {"time": 60, "close": 1.1}
        await ws.send(json.dumps({"type": "live_price", "symbol": "GBPUSD", "data": {**price, "symbol": "GBPUSD"}}))
        await ws.send(json.dumps({"type": "candle_update", "symbol": "EUR_USD", "timeframe": "M5", "data": {"time": 0}}))
        await ws.send(json.dumps({"type": "live_price", "symbol": "EUR_USD", "data": price}))
        await ws.send(json.dumps({"type": "candle_update", "symbol": "EUR_USD", "timeframe": "M1", "data": candle}))
        self.assertEqual([await self.heard(got), await self.heard(got)], [price, candle])
        self.assertEqual(self.client.get_live_price("EUR_USD"), price)
        self.assertNotIn("GBPUSD", self.client.last_prices)
        self.client.unregister_price_listener("EUR_USD", got.put_nowait)
        self.client.unregister_candle_listener("EUR_USD", "M1", got.put_nowait)
        self.client.unregister_candle_listener("EUR_USD", "M1", got.put_nowait)
        self.assertEqual((self.client.price_listeners, self.client.candle_listeners), ({}, {}))

    async def test_garbage_and_listeners_that_fail_end_nothing(self) -> None:
        got: asyncio.Queue[Any] = asyncio.Queue()

        def fails(_: Any) -> None:
            raise RuntimeError("mine")

        self.client.register_account_info_listener(fails)
        self.client.register_account_info_listener(got.put_nowait)
        self.start()
        ws = await self.server.join()
        garbage: list[str | bytes] = [
            "", "{", "[]", "7", "null", b"\xff\xfe", "{}", '{"type": 7}', '{"type": "account_info"}', '{"type": "account_info", "data": 7}', '{"type": "open_positions", "data": {}}',
            '{"type": "live_price", "data": {"symbol": 7}}', '{"type": "candle_update", "data": {"time": 1}}', '{"type": "closed_position", "data": []}', '{"type": "tomorrow"}',
            '{"type": "error", "detail": "no such symbol"}', '{"type": ["account_info"], "data": {}}',
        ]
        for message in garbage:
            await ws.send(message)
        await ws.send('{"type": "account_info", "data": {"balance": 2}}')
        self.assertEqual(await self.heard(got), {"balance": 2})
        self.assertTrue(got.empty())
        self.assertEqual(len(self.server.paths), 1)


class Coming_back(SocketCase):
    async def test_it_comes_back_and_subscribes_again(self) -> None:
        self.client.register_price_listener("listened", lambda _: None)
        self.client.register_candle_listener("lis_tened", "M5", lambda _: None)
        await self.client.subscribe_price("early")
        self.start()
        ws = await self.joined()
        expected = [
            {"type": "subscribe_price", "symbol": "early"},
            {"type": "subscribe_price", "symbol": "listened"},
            {"type": "subscribe_candles", "symbol": "lis_tened", "timeframe": "M5"},
        ]
        self.assertEqual([await self.server.hear() for _ in expected], expected)
        await self.client.subscribe_candles("later", "H1")
        self.assertEqual(await self.server.hear(), {"type": "subscribe_candles", "symbol": "later", "timeframe": "H1"})
        await ws.close()
        await self.server.join()
        again = [*expected[:2], {"type": "subscribe_candles", "symbol": "later", "timeframe": "H1"}, expected[2]]
        self.assertEqual([await self.server.hear() for _ in again], again)

    async def test_also_when_the_connection_breaks_off(self) -> None:
        self.start()
        ws = await self.server.join()
        ws.transport.abort()
        await self.server.join()
        self.assertEqual(len(self.server.paths), 2)

    async def test_a_server_that_falls_silent_is_left(self) -> None:
        self.client.ping_interval = self.client.ping_timeout = self.client.close_timeout = 0.05
        self.start()
        ws = await self.server.join()
        ws.transport.pause_reading()
        await self.server.join()
        ws.transport.resume_reading()

    async def test_a_server_that_is_away_is_waited_for(self) -> None:
        url, self.client.ws_base_url = self.client.ws_base_url, "ws://127.0.0.1:1"
        self.start()
        await asyncio.sleep(0.05)
        self.assertFalse(self.client.is_connected)
        self.client.ws_base_url = url
        await self.server.join()

    async def test_a_refusal_is_tried_ever_more_rarely(self) -> None:
        self.client.longest_delay = 0.04
        self.server.refuse = [401, 404, 403, 503]
        with self.assertLogs("lockstep", logging.ERROR) as log:
            self.start()
            await self.server.join()
        self.assertEqual(len(log.records), 4)
        self.assertIn("401: the key is missing or wrong", log.output[0])
        self.assertNotIn("secret", "".join(log.output))

    async def test_prices_of_a_connection_that_is_gone_are_not_taken_for_live(self) -> None:
        rest = FakeRest()
        self.addCleanup(rest.close)
        self.client.set_credentials(f"http://{rest.host}", 5001, "", "", UUID)
        self.client.ws_base_url = self.server.url
        got: asyncio.Queue[Any] = asyncio.Queue()
        self.client.register_price_listener("EURUSD", got.put_nowait)
        self.client.reconnect_delay = 60
        self.start()
        ws = await self.server.join()
        await ws.send(json.dumps({"type": "live_price", "symbol": "EURUSD", "data": {"symbol": "EURUSD", "bid": 1.1, "ask": 1.2}}))
        await self.heard(got)
        self.assertEqual(self.client.get_live_price("EURUSD")["bid"], 1.1)
        await ws.close()
        while self.client.is_connected:
            await asyncio.sleep(0.001)
        rest.script = [answer(200, {"symbol": "EURUSD", "bid": 1.3, "ask": 1.4})]
        self.assertEqual((await asyncio.to_thread(self.client.get_live_price, "EURUSD"))["bid"], 1.3)

    async def test_it_ends_when_it_is_told_and_can_begin_again(self) -> None:
        task = self.start()
        await self.joined()
        await self.client.manage_connection()  # It runs already: returns at once.
        await self.client.close()
        await asyncio.wait_for(task, 10)
        self.assertFalse(self.client.is_connected)
        self.start()
        await self.server.join()

    async def test_cancelling_its_task_ends_it(self) -> None:
        task = asyncio.create_task(self.client.manage_connection())
        await self.joined()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        self.assertFalse(self.client.is_connected)


class Subscriptions(SocketCase):
    async def test_the_last_one_who_gives_it_back_ends_it(self) -> None:
        self.start()
        await self.joined()
        for _ in range(2):
            await self.client.subscribe_price("EURUSD")
        await self.client.unsubscribe_price("EURUSD")
        await self.client.unsubscribe_price("EURUSD")
        await self.client.unsubscribe_price("EURUSD")
        await self.client.subscribe_candles("EURUSD", "M1")
        await self.client.unsubscribe_candles("EURUSD", "M1")
        kinds = [(await self.server.hear())["type"] for _ in range(6)]
        self.assertEqual(kinds, ["subscribe_price", "subscribe_price", "unsubscribe_price", "unsubscribe_price", "subscribe_candles", "unsubscribe_candles"])
        self.assertTrue(self.server.said.empty())


class Managed(unittest.IsolatedAsyncioTestCase):
    """The manager and the orchestrator."""

    async def asyncSetUp(self) -> None:
        logging.getLogger("lockstep").setLevel(logging.CRITICAL)
        self.rest = FakeRest()
        self.addCleanup(self.rest.close)
        self.credentials = (f"http://a:lk_1@{self.rest.host}", 5001, "p", "B", UUID)

    async def test_an_account_has_one_client(self) -> None:
        manager = ConnectionManager(MT5APIClient)
        first = await manager.get_client(*self.credentials)
        other = await manager.get_client(*self.credentials[:4], "other")
        renewed = await manager.get_client(f"http://a:lk_2@{self.rest.host}", *self.credentials[1:])
        self.assertIs(first, renewed)
        self.assertIsNot(first, other)
        self.assertIn("lk_2", first.base_url)
        self.assertEqual(set(manager._connections), {UUID, "other"})
        await manager.close(UUID)
        self.assertIsNot(await manager.get_client(*self.credentials), first)
        await manager.close()
        self.assertEqual(len(asyncio.all_tasks()), 1)

    async def test_a_client_follows_its_event_loop(self) -> None:
        manager = ConnectionManager(MT5APIClient)

        def elsewhere() -> MT5APIClient:
            return asyncio.run(manager.get_client(*self.credentials))

        first = await asyncio.to_thread(elsewhere)
        self.assertIs(await manager.get_client(*self.credentials), first)
        self.assertFalse(manager._tasks[UUID].get_loop().is_closed())
        await manager.close()

    async def test_headless_subscriptions_are_counted(self) -> None:
        desk = HeadlessOrchestrator(ConnectionManager(MT5APIClient, websocket=False))
        self.rest.script = [answer(), problem(409, "already-subscribed", "It is.")]
        self.assertEqual([await desk.subscribe_price(*self.credentials, "EURUSD") for _ in range(2)], [1, 2])
        self.assertEqual(await desk.unsubscribe_price(*self.credentials, "EURUSD"), 1)
        self.rest.script = [problem(404, "not-subscribed", "It is not.")]
        self.assertEqual(await desk.unsubscribe_price(*self.credentials, "EURUSD"), 0)
        self.assertEqual(await desk.subscribe_candles(*self.credentials, "EURUSD", "M1"), 1)
        self.assertEqual(await desk.unsubscribe_candles(*self.credentials, "EURUSD", "M1"), 0)
        self.assertEqual(
            [a.path.removeprefix("/mt5/headless/") for a in self.rest.asked],
            ["poller/start", "subscribe/price", "unsubscribe/price", "subscribe/candles", "unsubscribe/candles"],
        )

    async def test_what_was_refused_is_not_counted(self) -> None:
        desk = HeadlessOrchestrator(ConnectionManager(MT5APIClient, websocket=False))
        self.rest.script = [answer(), problem(400, "bad-request", "No such symbol.")]
        with self.assertRaises(Exception):
            await desk.subscribe_price(*self.credentials, "NOPE")
        self.assertEqual(await desk.subscribe_price(*self.credentials, "NOPE"), 1)

    async def test_status_and_the_first_request_do_not_raise(self) -> None:
        desk = HeadlessOrchestrator(ConnectionManager(MT5APIClient, websocket=False))
        self.rest.script = [problem(404, "not-found", "No."), problem(404, "not-found", "No."), problem(404, "not-found", "No.")]
        self.assertIn("No.", (await desk.subscriptions_status(*self.credentials))["error"])
        client = await desk._manager.get_client(*self.credentials)
        await client.trigger_instance_initialization()
        self.assertEqual([a.path for a in self.rest.asked], ["/mt5/headless/poller/start", "/mt5/headless/subscriptions/status", "/mt5/account_info"])


if __name__ == "__main__":
    unittest.main()
