"""What the service says about a notification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as the service stored it (contract A034, A044)."""

    id: int
    """The service's number for it; `MessengerClient.status` takes it."""

    source_app: str
    """The application that sent it."""

    event_type: str
    """`notification`, `entity_event` or `dm_notification`."""

    title: str
    """The headline."""

    body: str | None
    """The text below it."""

    priority: str
    """`normal` or `urgent`."""

    status: str
    """`sent` once it is in its Matrix room, `queued` while the service is still going to deliver it."""

    matrix_room_id: str | None
    """The room; `None` while queued."""

    matrix_event_id: str | None
    """The message in the room; `None` while queued."""

    created_at: str
    """UTC, to the second and without a zone: `2026-01-31T12:00:00`."""

    reason: str | None = None
    """Why it waits, such as `user_unknown`: the addressee has never signed in."""

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Notification:
        """Read the service's JSON; fields that this version does not know are passed over.

        Raises `KeyError` or `TypeError` when it is not a notification.
        """
        number = data["id"]
        if not isinstance(number, int):
            raise TypeError("the field id is no integer")
        return cls(
            id=number,
            source_app=str(data["source_app"]),
            event_type=str(data["event_type"]),
            title=str(data["title"]),
            body=_text(data.get("body")),
            priority=str(data["priority"]),
            status=str(data["status"]),
            matrix_room_id=_text(data.get("matrix_room_id")),
            matrix_event_id=_text(data.get("matrix_event_id")),
            created_at=str(data["created_at"]),
            reason=_text(data.get("reason")),
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
