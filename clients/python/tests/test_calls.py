"""What each method sends, and what it makes of the answer (contract A047 to A054)."""

from __future__ import annotations

import asyncio
from dataclasses import FrozenInstanceError
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from fake_service import SENT, Answer

from hub_messenger_client import MessengerClient, Notification

if TYPE_CHECKING:
    from fake_service import FakeService

GENERAL = {
    "source_app": "a",
    "event_type": "notification",
    "title": "t",
    "target_type": "general",
    "priority": "normal",
}
ENTITY = {
    "source_app": "a",
    "event_type": "entity_event",
    "title": "t",
    "target_type": "entity_room",
    "entity_type": "machine",
    "entity_id": 42,
    "priority": "normal",
}
DM = {
    "source_app": "a",
    "event_type": "dm_notification",
    "title": "t",
    "target_type": "dm",
    "target_user": "mueller",
    "priority": "normal",
}
CALLS = [
    pytest.param("notify", {"source_app": "a", "title": "t"}, GENERAL, id="notify"),
    pytest.param(
        "notify_entity",
        {"source_app": "a", "entity_type": "machine", "entity_id": 42, "title": "t"},
        ENTITY,
        id="notify_entity",
    ),
    pytest.param(
        "notify_user", {"source_app": "a", "target_user": "mueller", "title": "t"}, DM, id="notify_user"
    ),
]


def call(name: str, *args: object, **named: object) -> Notification:
    """Make one call on a client of its own; `a...` is run in a loop."""
    if not name.startswith("a"):
        with MessengerClient() as client:
            answer: Notification = getattr(client, name)(*args, **named)
            return answer

    async def run() -> Notification:
        async with MessengerClient() as client:
            answer: Notification = await getattr(client, name)(*args, **named)
            return answer

    return asyncio.run(run())


@pytest.mark.parametrize("twin", ["", "a"], ids=["sync", "async"])
@pytest.mark.parametrize(("name", "arguments", "expected"), CALLS)
class TestSend:
    """The three targets, each in both kinds."""

    def test_by_keyword(
        self, service: FakeService, twin: str, name: str, arguments: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        """The least that can be given; the method fills in event_type and target_type (A053)."""
        call(twin + name, **arguments)
        (request,) = service.requests
        assert (request.method, request.path) == ("POST", "/api/v1/notifications/send")
        assert request.headers["x-service-token"] == "messenger-service-token-dev"
        assert request.headers["content-type"] == "application/json"
        assert UUID(request.headers["idempotency-key"]).version == 4
        assert request.body == expected

    def test_by_position(
        self, service: FakeService, twin: str, name: str, arguments: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        """Body and priority follow the required ones (A054)."""
        call(twin + name, *arguments.values(), "Text", "urgent")
        assert service.requests[0].body == {**expected, "body": "Text", "priority": "urgent"}

    def test_extras(
        self, service: FakeService, twin: str, name: str, arguments: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        """Tenant in the body, the caller's own key in the header."""
        call(twin + name, **arguments, tenant_id=7, idempotency_key="order-1234")
        (request,) = service.requests
        assert request.body == {**expected, "tenant_id": 7}
        assert request.headers["idempotency-key"] == "order-1234"

    def test_bad_key(
        self, service: FakeService, twin: str, name: str, arguments: dict[str, Any], expected: dict[str, Any]
    ) -> None:
        """A key that cannot travel in a header is refused before anything is sent."""
        for key in ("", "über", "a\nb"):
            with pytest.raises(ValueError, match="idempotency_key"):
                call(twin + name, **arguments, idempotency_key=key)
        assert service.requests == []
        call(twin + name, **arguments, idempotency_key="a b")
        assert service.requests[0].body == expected


@pytest.mark.parametrize("name", ["status", "astatus"])
def test_status(service: FakeService, name: str) -> None:
    """A look-up is a GET with the token and without a key."""
    assert call(name, 42).id == 42
    (request,) = service.requests
    assert (request.method, request.path) == ("GET", "/api/v1/notifications/42")
    assert request.headers["x-service-token"] == "messenger-service-token-dev"
    assert "idempotency-key" not in request.headers


@pytest.mark.parametrize(("given", "sent"), [(42, 42), ("42", 42), ("A-1", "A-1"), ("-1", "-1")])
def test_entity_id(service: FakeService, given: int | str, sent: int | str) -> None:
    """Digits are a number; what is none is left for the service to refuse."""
    call("notify_entity", "a", "machine", given, "t")
    assert service.requests[0].body is not None
    assert service.requests[0].body["entity_id"] == sent


def test_every_call_has_its_own_key(service: FakeService) -> None:
    """Two equal notifications are two notifications."""
    with MessengerClient() as client:
        client.notify("a", "t")
        client.notify("a", "t")
    first, second = (request.headers["idempotency-key"] for request in service.requests)
    assert first != second


def test_text_arrives_as_it_is(service: FakeService) -> None:
    """Umlauts, emoji, quotes and line breaks."""
    title = 'Kühlmittel "niedrig" 🚨\nZeile 2'
    call("notify", "a", title)
    assert service.requests[0].body is not None
    assert service.requests[0].body["title"] == title


@pytest.mark.usefixtures("service")
def test_sent() -> None:
    """201 gives a typed, unchangeable notification (A034)."""
    notification = call("notify", "a", "t")
    assert notification == Notification(**SENT, reason=None)
    with pytest.raises(FrozenInstanceError):
        notification.status = "queued"  # type: ignore[misc]


def test_queued(service: FakeService) -> None:
    """202 is success too: ids are missing, a reason may be given, unknown fields do not matter."""
    queued = {
        **SENT,
        "status": "queued",
        "body": None,
        "matrix_room_id": None,
        "reason": "user_unknown",
        "attempts": [1, 2],
    }
    del queued["matrix_event_id"]
    service.will(Answer(202, queued))
    notification = call("notify_user", "a", "mueller", "t")
    assert (notification.status, notification.reason) == ("queued", "user_unknown")
    assert notification.body is notification.matrix_room_id is notification.matrix_event_id is None


def test_address_with_path(service: FakeService) -> None:
    """A service behind a proxy's path, and a slash too many."""
    with MessengerClient(base_url=service.url + "/messenger/") as client:
        client.notify("a", "t")
    assert service.requests[0].path == "/messenger/api/v1/notifications/send"
