"""What is repeated, what is not, and what the caller is told."""

from __future__ import annotations

import asyncio
import pickle
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from fake_service import DROP, HANG, SENT, Answer

from hub_messenger_client import MessengerClient, MessengerError, attempts

if TYPE_CHECKING:
    from collections.abc import Callable

    from fake_service import FakeService

    from hub_messenger_client import Notification

REFUSAL = {
    "error": "validation_error",
    "message": "title must not be empty",
    "details": [{"field": "title"}],
    "detail": "title must not be empty",
}


def sync_notify(**settings: float) -> Notification:
    """One waiting call."""
    with MessengerClient(**settings) as client:  # type: ignore[arg-type]
        return client.notify("a", "t")


def async_notify(**settings: float) -> Notification:
    """One awaited call."""

    async def run() -> Notification:
        async with MessengerClient(**settings) as client:  # type: ignore[arg-type]
            return await client.anotify("a", "t")

    return asyncio.run(run())


both = pytest.mark.parametrize("notify", [sync_notify, async_notify], ids=["sync", "async"])


@both
@pytest.mark.parametrize(
    "failure",
    [
        pytest.param(DROP, id="connection lost"),
        *(pytest.param(Answer(status, REFUSAL), id=str(status)) for status in (429, 502, 503, 504)),
        pytest.param(Answer(502, b"<html>Bad Gateway</html>"), id="a proxy's page"),
    ],
)
def test_repeated(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification], failure: Answer
) -> None:
    """Passing failures are repeated after growing pauses, under one key and with the same body."""
    service.will(failure, failure, failure)
    assert notify().status == "sent"
    assert len(service.requests) == 4
    assert len({request.headers["idempotency-key"] for request in service.requests}) == 1
    assert all(request.body == service.requests[0].body for request in service.requests)
    assert len(pauses) == 3
    for pause, longest in zip(pauses, (0.5, 1.0, 2.0), strict=True):
        assert longest / 2 <= pause <= longest


@both
def test_read_timeout_is_repeated(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification]
) -> None:
    """A service that does not answer in time may have accepted it: the key is what makes a repeat right."""
    service.will(HANG)
    assert notify(timeout=1.0).status == "sent"
    first, second = service.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert len(pauses) == 1


@both
def test_unreachable(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch, notify: Callable[..., Notification]
) -> None:
    """Nobody listens: the error names the address and has no status."""
    monkeypatch.setenv("MESSENGER_SERVICE_URL", "http://127.0.0.1:9")
    with pytest.raises(MessengerError, match=r"no answer .* 127\.0\.0\.1:9") as caught:
        notify()
    assert (caught.value.status, caught.value.code, caught.value.details) == (None, None, None)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert len(pauses) == 3


@both
def test_silent_to_the_end(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification]
) -> None:
    """No answer to any attempt."""
    service.will(HANG, HANG)
    with pytest.raises(MessengerError, match="no answer") as caught:
        notify(timeout=0.5, retries=1)
    assert isinstance(caught.value.__cause__, httpx.ReadTimeout)
    assert len(service.requests) == 2
    assert len(pauses) == 1


@both
def test_busy_to_the_end(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification]
) -> None:
    """The last answer is what the caller is told."""
    busy = {"error": "unavailable", "message": "the homeserver is away", "details": None}
    service.will(*[Answer(503, busy)] * 3)
    with pytest.raises(MessengerError, match="the homeserver is away") as caught:
        notify(retries=2)
    assert (caught.value.status, caught.value.code) == (503, "unavailable")
    assert len(service.requests) == 3
    assert len(pauses) == 2


@both
def test_no_retries(service: FakeService, pauses: list[float], notify: Callable[..., Notification]) -> None:
    """`retries=0` makes one attempt."""
    service.will(Answer(503, REFUSAL))
    with pytest.raises(MessengerError):
        notify(retries=0)
    assert len(service.requests) == 1
    assert pauses == []


@both
@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 500])
def test_refused(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification], status: int
) -> None:
    """A refusal comes at once, in the service's words."""
    service.will(Answer(status, REFUSAL))
    with pytest.raises(MessengerError) as caught:
        notify()
    assert str(caught.value) == "title must not be empty"
    assert caught.value.status == status
    assert caught.value.code == "validation_error"
    assert caught.value.details == [{"field": "title"}]
    assert len(service.requests) == 1
    assert pauses == []


@pytest.mark.parametrize(
    ("body", "message", "details"),
    [
        ({"detail": "Not Found"}, "Not Found", None),
        (
            {"detail": [{"loc": ["title"]}]},
            "the messenger service answered 404",
            [{"loc": ["title"]}],
        ),
        ({"message": "", "error": 5}, "the messenger service answered 404", None),
        ([], "the messenger service answered 404", None),
        (b"<html>", "the messenger service answered 404", None),
        (b"\xff", "the messenger service answered 404", None),
    ],
)
def test_foreign_refusals(service: FakeService, body: object, message: str, details: object) -> None:
    """Whatever answers instead of the service, the caller gets a MessengerError with a message."""
    service.will(Answer(404, body))
    with pytest.raises(MessengerError) as caught:
        sync_notify()
    assert (str(caught.value), caught.value.code, caught.value.details) == (message, None, details)


@pytest.mark.parametrize("body", [b"<html>a page</html>", b"", [], {}, {**SENT, "id": "x"}, {"id": 1}])
def test_answer_of_something_else(service: FakeService, body: object) -> None:
    """Success without a notification means that the address is wrong."""
    service.will(Answer(200, body))
    with pytest.raises(MessengerError, match="is not a notification") as caught:
        sync_notify()
    assert caught.value.status == 200


def test_redirect_is_not_followed(service: FakeService) -> None:
    """The token goes to nobody else."""
    service.will(Answer(307, b"", {"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(MessengerError, match="307"):
        sync_notify()


@both
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after(
    service: FakeService, pauses: list[float], notify: Callable[..., Notification], status: int
) -> None:
    """The service's wish is honoured, in seconds."""
    service.will(Answer(status, REFUSAL, {"Retry-After": "7"}))
    assert notify().status == "sent"
    (pause,) = pauses
    assert 7.0 <= pause <= 7.5


def test_retry_after_date(service: FakeService, pauses: list[float]) -> None:
    """And as a date, which a proxy may send."""
    moment = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=20), usegmt=True)
    service.will(Answer(503, REFUSAL, {"Retry-After": moment}))
    sync_notify()
    (pause,) = pauses
    assert 15.0 <= pause <= 20.5


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5.2026"])
def test_retry_after_unreadable(service: FakeService, pauses: list[float], value: str) -> None:
    """Nonsense counts as not given."""
    service.will(Answer(429, REFUSAL, {"Retry-After": value}))
    sync_notify()
    (pause,) = pauses
    assert 0.25 <= pause <= 0.5


def test_retry_after_too_long(service: FakeService, pauses: list[float]) -> None:
    """No caller is held for longer than a minute by one pause."""
    service.will(Answer(429, REFUSAL, {"Retry-After": "61"}))
    with pytest.raises(MessengerError) as caught:
        sync_notify()
    assert caught.value.status == 429
    assert pauses == []


def test_pauses_end_growing() -> None:
    """Doubling ends at eight seconds; pauses are not all alike."""
    waits = [attempts.wait_after(httpx.Response(503), repeat) for repeat in range(4, 40)]
    assert all(wait is not None and 4.0 <= wait <= 8.0 for wait in waits)
    assert len(set(waits)) > 1


def test_error_survives_pickling() -> None:
    """Task queues carry errors between processes."""
    error = MessengerError("words", status=422, code="validation_error", details={"a": 1})
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.status, copy.code, copy.details) == (
        "words",
        422,
        "validation_error",
        {"a": 1},
    )
