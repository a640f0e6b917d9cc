"""Connections are kept, closed, and never shared by two loops."""

from __future__ import annotations

import asyncio
import gc
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from hub_messenger_client import MessengerClient

if TYPE_CHECKING:
    import pytest
    from fake_service import FakeService


def connections(service: FakeService) -> int:
    """How many connections the fake has seen."""
    return len({request.connection for request in service.requests})


def test_reused(service: FakeService) -> None:
    """Waiting calls share one connection."""
    with MessengerClient() as client:
        for _ in range(5):
            client.notify("a", "t")
    assert (len(service.requests), connections(service)) == (5, 1)


def test_reused_async(service: FakeService) -> None:
    """Awaited calls of one loop share one connection."""

    async def run() -> None:
        async with MessengerClient() as client:
            for _ in range(5):
                await client.anotify("a", "t")

    asyncio.run(run())
    assert (len(service.requests), connections(service)) == (5, 1)


def test_usable_after_close(service: FakeService) -> None:
    """Closing frees the connections, the object stays good."""
    client = MessengerClient()
    client.close()
    for _ in range(2):
        with client:
            client.notify("a", "t")
    client.close()
    assert connections(service) == 2


def test_usable_after_aclose(service: FakeService) -> None:
    """The same in a loop; aclose closes both kinds."""

    async def run() -> None:
        client = MessengerClient()
        await client.aclose()
        for _ in range(2):
            async with client:
                await client.anotify("a", "t")
                await asyncio.to_thread(client.notify, "a", "t")
        gc.collect()

    asyncio.run(run())
    assert connections(service) == 4


def test_many_threads(service: FakeService) -> None:
    """One object, eight threads that start together (the first call makes the connection pool)."""
    count = 8
    together = Barrier(count)

    def work(number: int) -> int:
        together.wait()
        for _ in range(5):
            client.notify_entity("a", "machine", number, "t")
        return number

    with MessengerClient() as client, ThreadPoolExecutor(count) as pool:
        assert sorted(pool.map(work, range(count))) == list(range(count))
    assert len(service.requests) == 5 * count
    assert connections(service) <= count


def test_many_tasks(service: FakeService) -> None:
    """Many awaited calls at once."""

    async def run() -> None:
        async with MessengerClient() as client:
            await asyncio.gather(*(client.anotify("a", f"{number}") for number in range(20)))

    asyncio.run(run())
    assert {request.body["title"] for request in service.requests if request.body} == {
        f"{number}" for number in range(20)
    }


def test_run_twice(service: FakeService, recwarn: pytest.WarningsRecorder) -> None:
    """Each loop gets its own connection and takes it along when it ends: nothing is left, nobody closed."""
    client = MessengerClient()

    async def run() -> None:
        await client.anotify("a", "t")
        await client.anotify("a", "t")

    asyncio.run(run())
    asyncio.run(run())
    asyncio.run(run())
    gc.collect()
    assert (len(service.requests), connections(service)) == (6, 3)
    assert [str(warning.message) for warning in recwarn] == []


def test_loop_that_was_just_closed(service: FakeService) -> None:
    """A loop closed without a farewell does not spoil the next one, and is not kept."""
    client = MessengerClient()

    async def run() -> None:
        await client.anotify("a", "t")

    loop = asyncio.new_event_loop()
    ended = weakref.ref(loop)
    loop.run_until_complete(run())
    loop.close()
    del loop
    asyncio.run(run())
    with warnings.catch_warnings():
        # Nobody could close this connection in time, and Python says so.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    assert ended() is None
    assert connections(service) == 2


def test_loops_in_threads(service: FakeService) -> None:
    """Several loops at once, one object."""
    count = 4
    client = MessengerClient()
    together = Barrier(count)

    async def run() -> None:
        together.wait()
        for _ in range(5):
            await client.anotify("a", "t")

    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(asyncio.run, run()) for _ in range(count)]:
            done.result()
    assert (len(service.requests), connections(service)) == (5 * count, count)


def test_both_kinds_on_one_object(service: FakeService) -> None:
    """The seed's way: one object for waiting and awaited calls (contract A052)."""

    async def run() -> None:
        await client.anotify("a", "awaited")

    with MessengerClient() as client:
        client.notify("a", "waited")
        asyncio.run(run())
        client.notify("a", "waited")
    assert connections(service) == 2
