"""Where the address and the token come from (contract A047, A048)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub_messenger_client import MessengerClient, MessengerError
from hub_messenger_client.client import DEFAULT_TOKEN, DEFAULT_URL

if TYPE_CHECKING:
    from fake_service import FakeService


def test_defaults() -> None:
    """The documented values (A004, A048)."""
    assert DEFAULT_URL == "http://messenger-service-backend-1:8000"
    assert DEFAULT_TOKEN == "messenger-service-token-dev"


@pytest.mark.parametrize("value", [None, "", " "])
def test_default_address_is_used(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    """Unset and empty (as compose files make it) mean the default."""
    monkeypatch.setattr("hub_messenger_client.client.DEFAULT_URL", "http://127.0.0.1:9")
    if value is None:
        monkeypatch.delenv("MESSENGER_SERVICE_URL", raising=False)
    else:
        monkeypatch.setenv("MESSENGER_SERVICE_URL", value)
    with MessengerClient(retries=0) as client, pytest.raises(MessengerError, match=r"127\.0\.0\.1:9"):
        client.notify("a", "t")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, "messenger-service-token-dev"),
        ("", "messenger-service-token-dev"),
        ("s3cret", "s3cret"),
        ("s3cret\n", "s3cret"),
    ],
)
def test_token(service: FakeService, monkeypatch: pytest.MonkeyPatch, value: str | None, sent: str) -> None:
    """The variable, without the line break that a file of secrets adds; else the default."""
    if value is not None:
        monkeypatch.setenv("MESSENGER_SERVICE_TOKEN", value)
    with MessengerClient() as client:
        client.notify("a", "t")
    assert service.requests[0].headers["x-service-token"] == sent


def test_arguments_win(service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is passed goes before the environment."""
    monkeypatch.setenv("MESSENGER_SERVICE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("MESSENGER_SERVICE_TOKEN", "from-environment")
    with MessengerClient(base_url=service.url, token="given") as client:
        client.notify("a", "t")
    assert service.requests[0].headers["x-service-token"] == "given"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ({"base_url": "messenger:8000"}, "MESSENGER_SERVICE_URL"),
        ({"base_url": "http://"}, "MESSENGER_SERVICE_URL"),
        ({"base_url": "http://host:port"}, "MESSENGER_SERVICE_URL"),
        ({"token": "schlüssel"}, "MESSENGER_SERVICE_TOKEN"),
        ({"token": "a\r\nX-Other: b"}, "MESSENGER_SERVICE_TOKEN"),
        ({"timeout": 0}, "timeout"),
        ({"retries": -1}, "retries"),
    ],
)
def test_unusable(named: dict[str, object], words: str) -> None:
    """A setting that can never work is refused at once, by its name."""
    with pytest.raises(ValueError, match=words):
        MessengerClient(**named)  # type: ignore[arg-type]


def test_token_is_not_shown() -> None:
    """Neither printing the client nor its errors shows the token."""
    with MessengerClient(base_url="http://127.0.0.1:9", token="hush", retries=0) as client:
        assert "hush" not in repr(client)
        with pytest.raises(MessengerError) as caught:
            client.notify("a", "t")
    assert "hush" not in repr(caught.value)
