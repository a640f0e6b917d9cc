"""Against a running service and its homeserver (contract A049 to A052, A096).

The person of `MESSENGER_TEST_USER` must belong to the tenant that the service takes for the default one.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
import sys
import time
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from hub_messenger_client import MessengerClient, MessengerError, Notification

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.service

SYNC_SNIPPET = """
from hub_messenger_client import MessengerClient

client = MessengerClient()

# Allgemeine Benachrichtigung
client.notify(
    source_app="fertigungs-app",
    title="Schicht gestartet",
    body="Fruehschicht hat begonnen.",
)

# Entity-Benachrichtigung (z.B. an Maschinen-Raum)
client.notify_entity(
    source_app="fertigungs-app",
    entity_type="machine",
    entity_id=42,
    title="Maschine CNC-01 gestoppt",
    body="Fehlercode E-401: Kuehlmittel niedrig",
    priority="urgent",
)

# Direktnachricht an einen Benutzer
client.notify_user(
    source_app="fertigungs-app",
    target_user="mueller",
    title="Aufgabe zugewiesen",
    body="Bitte Maschine CNC-01 pruefen.",
)
"""

ASYNC_SNIPPET = """
from hub_messenger_client import MessengerClient

client = MessengerClient()

await client.anotify(
    source_app="fertigungs-app",
    title="Async Benachrichtigung",
)

await client.anotify_entity(
    source_app="fertigungs-app",
    entity_type="machine",
    entity_id=42,
    title="Maschine Fehler",
    priority="urgent",
)

await client.anotify_user(
    source_app="fertigungs-app",
    target_user="mueller",
    title="Direktnachricht",
)
"""

INTEGRATION_SNIPPET = """
from hub_messenger_client import MessengerClient

messenger = MessengerClient()

# Bei einem Event in der Anwendung:
messenger.notify(
    source_app="meine-app",
    title="Vorgang abgeschlossen",
    body="Der Vorgang wurde erfolgreich bearbeitet.",
)
"""


class Person:
    """The hub user of the tests, who reads what arrives."""

    def __init__(self, http: httpx.Client) -> None:
        """Read with `http`, which is signed in."""
        self._http = http

    def history(self, room_id: str) -> list[dict[str, Any]]:
        """Read the newest messages of a room."""
        answer = self._http.get(f"/api/v1/messages/history/{quote(room_id, safe='')}", params={"limit": 100})
        assert answer.status_code == 200, answer.text
        messages: list[dict[str, Any]] = answer.json()
        return messages

    def has_received(self, notification: Notification) -> None:
        """Fail unless the notification is a message in its room's history."""
        assert notification.matrix_room_id is not None
        events = {message["event_id"]: message for message in self.history(notification.matrix_room_id)}
        assert notification.matrix_event_id in events
        message = events[notification.matrix_event_id]
        assert notification.title in message["body"]
        assert (notification.body or "") in message["body"]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessengerClient]:
    """Point the environment at the service, as the hub does for a satellite."""
    monkeypatch.setenv("MESSENGER_SERVICE_URL", os.environ["MESSENGER_TEST_URL"])
    monkeypatch.setenv("MESSENGER_SERVICE_TOKEN", os.environ["MESSENGER_TEST_TOKEN"])
    with MessengerClient() as made:
        yield made


@pytest.fixture
def person() -> Iterator[Person]:
    """Sign the hub user in, which makes the account (contract A015)."""
    headers = {"Authorization": f"Bearer {os.environ['MESSENGER_TEST_HUB_TOKEN']}"}
    with httpx.Client(base_url=os.environ["MESSENGER_TEST_URL"], headers=headers, timeout=30) as http:
        me = http.get("/api/v1/users/me")
        assert me.status_code == 200, me.text
        assert me.json()["hub_user_id"] == os.environ["MESSENGER_TEST_USER"]
        yield Person(http)


def delivered(client: MessengerClient, notification: Notification) -> Notification:
    """Follow a notification until it is sent; a slow homeserver may have left it queued."""
    deadline = time.monotonic() + 30
    while True:
        now = client.status(notification.id)
        if now.status != "queued" or time.monotonic() > deadline:
            assert now.status == "sent", now
            return now
        time.sleep(0.2)


def results(snippet: str, monkeypatch: pytest.MonkeyPatch) -> list[Notification]:
    """Run code as if typed at a Python prompt; what its statements give is what a prompt would show."""
    shown: list[Any] = []
    monkeypatch.setattr(sys, "displayhook", shown.append)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(snippet, "snippet", "exec", flags | ast.PyCF_ONLY_AST)
    code: CodeType = compile(ast.Interactive(tree.body), "snippet", "single", flags)
    names: dict[str, Any] = {}

    outcome = FunctionType(code, names)()
    if inspect.iscoroutine(outcome):
        asyncio.run(outcome)
    for made in names.values():
        if isinstance(made, MessengerClient):
            made.close()
    return [value for value in shown if value is not None]


def check_three(shown: list[Notification], client: MessengerClient, person: Person) -> None:
    """Check what a snippet sent: to everybody, to machine 42, to Mueller."""
    general, entity, direct = shown
    assert [one.event_type for one in shown] == ["notification", "entity_event", "dm_notification"]
    assert [one.priority for one in shown] == ["normal", "urgent", "normal"]
    person.has_received(delivered(client, general))
    person.has_received(delivered(client, entity))
    kept = client.status(direct.id)
    if kept.reason == "user_unknown":
        # Nobody called mueller has signed in to this service yet: stored, and delivered when he does.
        assert kept.status == "queued"
    else:
        sent = delivered(client, direct)
        assert sent.matrix_event_id is not None
        if os.environ["MESSENGER_TEST_USER"] == "mueller":
            person.has_received(sent)


def test_sync_snippet(client: MessengerClient, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documented calls that wait, word by word (A049, A050, A051, A096)."""
    check_three(results(SYNC_SNIPPET, monkeypatch), client, person)


def test_async_snippet(client: MessengerClient, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documented awaited calls, word by word (A052, A096)."""
    check_three(results(ASYNC_SNIPPET, monkeypatch), client, person)


def test_integration_snippet(
    client: MessengerClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example for a new satellite, word by word (A096)."""
    (shown,) = results(INTEGRATION_SNIPPET, monkeypatch)
    assert shown.source_app == "meine-app"
    person.has_received(delivered(client, shown))


def test_direct_message(client: MessengerClient, person: Person) -> None:
    """A known person receives it, waiting and awaited, in one and the same room (A051, A052)."""
    user = os.environ["MESSENGER_TEST_USER"]
    waited = delivered(client, client.notify_user("fertigungs-app", user, f"Freigabe {uuid4()}", "Bitte"))

    async def run() -> Notification:
        async with MessengerClient() as own:
            return await own.anotify_user("fertigungs-app", user, f"Freigabe {uuid4()}", "Bitte")

    awaited = delivered(client, asyncio.run(run()))
    person.has_received(waited)
    person.has_received(awaited)
    assert waited.matrix_room_id == awaited.matrix_room_id


def test_entity_room(client: MessengerClient, person: Person) -> None:
    """Digits and number name one room, another number another (A037, A050)."""
    rooms = []
    for entity_id in (1234, "1234", 1235):
        sent = delivered(
            client, client.notify_entity("fertigungs-app", "production_order", entity_id, f"{uuid4()}")
        )
        person.has_received(sent)
        rooms.append(sent.matrix_room_id)
    assert rooms[0] == rooms[1] != rooms[2]


def test_answer(client: MessengerClient) -> None:
    """The answer says what was sent, and a look-up says the same (A034)."""
    title = f"Prüfung {uuid4()}"
    sent = client.notify("fertigungs-app", title, "Text", "urgent")
    assert (sent.source_app, sent.event_type, sent.title) == ("fertigungs-app", "notification", title)
    assert (sent.body, sent.priority) == ("Text", "urgent")
    found = client.status(sent.id)
    assert (found.id, found.title, found.created_at) == (sent.id, title, sent.created_at)


def test_look_up_awaited(client: MessengerClient) -> None:
    """`astatus` finds what `anotify` sent."""

    async def run() -> tuple[Notification, Notification]:
        async with MessengerClient() as own:
            sent = await own.anotify("fertigungs-app", f"{uuid4()}")
            return sent, await own.astatus(sent.id)

    sent, found = asyncio.run(run())
    assert sent.id == found.id
    assert delivered(client, found).title == sent.title


def test_one_key_is_one_notification(client: MessengerClient, person: Person) -> None:
    """A repeat with the same key makes no second message; other contents under it are refused."""
    key, title = str(uuid4()), f"Einmal {uuid4()}"
    first = client.notify("fertigungs-app", title, idempotency_key=key)
    second = client.notify("fertigungs-app", title, idempotency_key=key)
    assert first.id == second.id
    sent = delivered(client, first)
    assert sent.matrix_room_id is not None
    assert [title in message["body"] for message in person.history(sent.matrix_room_id)].count(True) == 1
    with pytest.raises(MessengerError) as caught:
        client.notify("fertigungs-app", title + "!", idempotency_key=key)
    assert caught.value.status == 409


def test_empty_title(client: MessengerClient) -> None:
    """What the service refuses is told in its words (A025, A033)."""
    with pytest.raises(MessengerError, match="title") as caught:
        client.notify_entity("fertigungs-app", "machine", 42, "")
    assert caught.value.status == 422
    assert caught.value.code


def test_entity_id_that_is_none(client: MessengerClient) -> None:
    """An id that is no number is the service's to refuse (A029)."""
    with pytest.raises(MessengerError) as caught:
        client.notify_entity("fertigungs-app", "machine", "CNC-01", "Titel")
    assert caught.value.status == 422


@pytest.mark.usefixtures("client")
def test_wrong_token() -> None:
    """A wrong token is refused (A020)."""
    with MessengerClient(token="wrong") as stranger, pytest.raises(MessengerError) as caught:
        stranger.notify("fertigungs-app", "Titel")
    assert caught.value.status == 401
    assert str(caught.value)


def test_unknown_number(client: MessengerClient) -> None:
    """Looking up what does not exist."""
    with pytest.raises(MessengerError) as caught:
        client.status(2**53 - 1)
    assert caught.value.status == 404
