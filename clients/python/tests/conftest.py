"""Which tests run, and what they run against."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from fake_service import FakeService

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICE_VARIABLES = (
    "MESSENGER_TEST_URL",
    "MESSENGER_TEST_TOKEN",
    "MESSENGER_TEST_HUB_TOKEN",
    "MESSENGER_TEST_USER",
)

left_out = pytest.StashKey[int]()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need a service when none is named, but never when they were asked for."""
    missing = [name for name in SERVICE_VARIABLES if not os.environ.get(name)]
    needy = [item for item in items if item.get_closest_marker("service")]
    if not missing or not needy:
        return
    asked_for = "service" in config.option.markexpr
    if asked_for or len(missing) < len(SERVICE_VARIABLES):
        raise pytest.UsageError(f"tests marked `service` cannot run without {', '.join(missing)}")
    items[:] = [item for item in items if item not in needy]
    config.hook.pytest_deselected(items=needy)
    config.stash[left_out] = len(needy)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out and how to run it."""
    count = config.stash.get(left_out, 0)
    if count:
        names = ", ".join(SERVICE_VARIABLES)
        terminalreporter.write_line(
            f"NOT RUN: {count} tests marked `service`. They need a running messenger service; set {names}.",
            yellow=True,
        )


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeService]:
    """Start a service that answers what the test tells it; `MessengerClient()` finds it."""
    with FakeService() as fake:
        monkeypatch.setenv("MESSENGER_SERVICE_URL", fake.url)
        monkeypatch.delenv("MESSENGER_SERVICE_TOKEN", raising=False)
        yield fake


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace waiting between attempts by writing down how long it would have been."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr("hub_messenger_client.client.sleep", waited.append)
    monkeypatch.setattr("hub_messenger_client.client.async_sleep", note)
    return waited
