"""The client that satellites use."""

from __future__ import annotations

import asyncio
import os
from asyncio import sleep as async_sleep
from threading import Lock
from time import sleep
from typing import TYPE_CHECKING

import httpx

from . import attempts, calls

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

    from .calls import Call, Priority
    from .notification import Notification

DEFAULT_URL = "http://messenger-service-backend-1:8000"
"""Where the service answers inside the hub's Docker network (contract A004)."""

DEFAULT_TOKEN = "messenger-service-token-dev"  # noqa: S105 (the documented token of development)
"""The service token of development (contract A048)."""


class MessengerClient:
    """Sends notifications through the messenger service.

    Every call exists twice on the same object: `notify` waits, `anotify` is awaited. A call raises
    `MessengerError` when the service refuses it or cannot be reached. Attempts that failed in passing (no
    connection, no answer in time, 429, 502, 503, 504) are repeated after growing pauses, or after the pause
    that `Retry-After` asks for, if that is a minute or less. All attempts of a call carry one idempotency
    key, so a notification arrives once however often it was tried.

    One object may be shared by all threads and event loops (asyncio) of a process, and keeps its connections
    open between calls. Forked processes each need their own.
    """

    def __init__(
        self,
        *,
        base_url: str | None = None,
        token: str | None = None,
        timeout: float = 10.0,
        retries: int = 3,
    ) -> None:
        """Read the environment for what is not given; nothing is connected yet.

        `base_url`: the service's address, else `MESSENGER_SERVICE_URL`, else `DEFAULT_URL`.
        `token`: the service token, else `MESSENGER_SERVICE_TOKEN`, else `DEFAULT_TOKEN`.
        `timeout`: seconds each step of an attempt may take (connecting, sending, waiting for the answer).
        `retries`: how often a failed attempt is repeated; 0 turns repeating off.

        Raises `ValueError` when one of them cannot be used.
        """
        url = (base_url or os.environ.get("MESSENGER_SERVICE_URL", "").strip() or DEFAULT_URL).rstrip("/")
        key = token or os.environ.get("MESSENGER_SERVICE_TOKEN", "").strip() or DEFAULT_TOKEN
        _check_url(url)
        if not key.isascii() or not key.isprintable():
            raise ValueError("the service token (MESSENGER_SERVICE_TOKEN) must be printable ASCII")
        if timeout <= 0 or retries < 0:
            raise ValueError("timeout must be above 0 and retries not below it")
        self._url = url
        self._headers = {"X-Service-Token": key}
        self._timeout = timeout
        self._retries = retries
        self._lock = Lock()
        self._client: httpx.Client | None = None
        # An httpx.AsyncClient belongs to the loop it was first used in. Its guard closes it, see `_guard`.
        self._async_clients: dict[
            asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None, None]]
        ] = {}

    def notify(
        self,
        source_app: str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Notify everybody of the tenant, in its general room (contract A049).

        `tenant_id`: which tenant, where the token is not bound to one. `idempotency_key`: calls with the same
        key and contents are one notification, also across restarts of the caller.
        """
        return self._run(calls.general(source_app, title, body, priority, tenant_id, idempotency_key))

    def notify_entity(
        self,
        source_app: str,
        entity_type: str,
        entity_id: int | str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Notify the room of an entity such as `machine` 42, which is made at its first use (contract A050).

        `entity_id` is an integer or its digits. Further arguments as in `notify`.
        """
        return self._run(
            calls.entity_room(
                source_app, entity_type, entity_id, title, body, priority, tenant_id, idempotency_key
            )
        )

    def notify_user(
        self,
        source_app: str,
        target_user: str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Notify one person, by hub user id (contract A051).

        A person the service has never seen gets it at the first sign-in: the answer is `queued` with the
        reason `user_unknown`. Further arguments as in `notify`.
        """
        return self._run(calls.dm(source_app, target_user, title, body, priority, tenant_id, idempotency_key))

    def status(self, notification_id: int) -> Notification:
        """Look up a notification of this token, to see whether a queued one was sent meanwhile."""
        return self._run(calls.lookup(notification_id))

    async def anotify(
        self,
        source_app: str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Do as `notify` does, awaited (contract A052)."""
        return await self._arun(calls.general(source_app, title, body, priority, tenant_id, idempotency_key))

    async def anotify_entity(
        self,
        source_app: str,
        entity_type: str,
        entity_id: int | str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Do as `notify_entity` does, awaited (contract A052)."""
        return await self._arun(
            calls.entity_room(
                source_app, entity_type, entity_id, title, body, priority, tenant_id, idempotency_key
            )
        )

    async def anotify_user(
        self,
        source_app: str,
        target_user: str,
        title: str,
        body: str | None = None,
        priority: Priority = "normal",
        *,
        tenant_id: int | str | None = None,
        idempotency_key: str | None = None,
    ) -> Notification:
        """Do as `notify_user` does, awaited (contract A052)."""
        return await self._arun(
            calls.dm(source_app, target_user, title, body, priority, tenant_id, idempotency_key)
        )

    async def astatus(self, notification_id: int) -> Notification:
        """Do as `status` does, awaited."""
        return await self._arun(calls.lookup(notification_id))

    def close(self) -> None:
        """Close the connections of the calls that wait; a later call opens new ones."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Close the connections of the running loop, and what `close` closes.

        Those of another loop close when that loop ends (`asyncio.run` sees to it).
        """
        self.close()
        with self._lock:
            _, guard = self._async_clients.pop(asyncio.get_running_loop(), (None, None))
        if guard is not None:
            await guard.aclose()

    def __enter__(self) -> MessengerClient:
        """Enter a block at whose end the client is closed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Call `close`."""
        self.close()

    async def __aenter__(self) -> MessengerClient:
        """Enter a block at whose end the client is closed."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Call `aclose`."""
        await self.aclose()

    def _run(self, call: Call) -> Notification:
        repeat = 0
        while True:
            outcome: attempts.Outcome
            try:
                outcome = self._connected().request(
                    call.method, self._url + call.path, json=call.json, headers=call.headers
                )
            except httpx.RequestError as error:
                outcome = error
            wait = attempts.wait_after(outcome, repeat) if repeat < self._retries else None
            if wait is None:
                return attempts.result(outcome)
            sleep(wait)
            repeat += 1

    async def _arun(self, call: Call) -> Notification:
        repeat = 0
        while True:
            outcome: attempts.Outcome
            try:
                client = await self._aconnected()
                outcome = await client.request(
                    call.method, self._url + call.path, json=call.json, headers=call.headers
                )
            except httpx.RequestError as error:
                outcome = error
            wait = attempts.wait_after(outcome, repeat) if repeat < self._retries else None
            if wait is None:
                return attempts.result(outcome)
            await async_sleep(wait)
            repeat += 1

    def _connected(self) -> httpx.Client:
        with self._lock:
            if self._client is None:
                self._client = httpx.Client(headers=self._headers, timeout=self._timeout)
            return self._client

    async def _aconnected(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        with self._lock:
            client, _ = self._async_clients.get(loop, (None, None))
            if client is not None and not client.is_closed:
                return client
            client = httpx.AsyncClient(headers=self._headers, timeout=self._timeout)
            guard = _guard(client)
            others = {other: kept for other, kept in self._async_clients.items() if not other.is_closed()}
            self._async_clients = {**others, loop: (client, guard)}
        await anext(guard)
        return client


async def _guard(client: httpx.AsyncClient) -> AsyncGenerator[None, None]:
    """Close `client` when this generator is closed: by `aclose`, or by the end of the loop.

    A loop that ends closes the asynchronous generators begun in it while it can still run them. There is no
    later moment: connections cannot be closed once their loop is, and would be left to the garbage collector.
    """
    try:
        yield
    finally:
        await client.aclose()


def _check_url(url: str) -> None:
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"the service's address (MESSENGER_SERVICE_URL) is no URL: {error}") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host:
        raise ValueError("the service's address (MESSENGER_SERVICE_URL) must begin with http:// or https://")
