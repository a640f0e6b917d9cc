"""The requests this client makes, before they are sent: plain data, the same for sync and async."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import uuid4

Priority: TypeAlias = Literal["normal", "urgent"]
"""How loud a notification is."""

_PATH = "/api/v1/notifications"


@dataclass(frozen=True, slots=True)
class Call:
    """One request. All its attempts carry the same headers, so also the same idempotency key."""

    method: str
    path: str
    json: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def general(
    source_app: str,
    title: str,
    body: str | None,
    priority: Priority,
    tenant_id: int | str | None,
    idempotency_key: str | None,
) -> Call:
    """To everybody of the tenant."""
    return _send(
        idempotency_key,
        source_app=source_app,
        event_type="notification",
        title=title,
        body=body,
        target_type="general",
        priority=priority,
        tenant_id=tenant_id,
    )


def entity_room(
    source_app: str,
    entity_type: str,
    entity_id: int | str,
    title: str,
    body: str | None,
    priority: Priority,
    tenant_id: int | str | None,
    idempotency_key: str | None,
) -> Call:
    """To the room of an entity."""
    return _send(
        idempotency_key,
        source_app=source_app,
        event_type="entity_event",
        title=title,
        body=body,
        target_type="entity_room",
        entity_type=entity_type,
        entity_id=_number(entity_id),
        priority=priority,
        tenant_id=tenant_id,
    )


def dm(
    source_app: str,
    target_user: str,
    title: str,
    body: str | None,
    priority: Priority,
    tenant_id: int | str | None,
    idempotency_key: str | None,
) -> Call:
    """To one person."""
    return _send(
        idempotency_key,
        source_app=source_app,
        event_type="dm_notification",
        title=title,
        body=body,
        target_type="dm",
        target_user=target_user,
        priority=priority,
        tenant_id=tenant_id,
    )


def lookup(notification_id: int) -> Call:
    """How a notification fares."""
    return Call("GET", f"{_PATH}/{int(notification_id)}")


def _send(idempotency_key: str | None, **fields: object) -> Call:
    key = str(uuid4()) if idempotency_key is None else idempotency_key
    # Refused here: a key that does not survive the trip would let a repeat through as a second message.
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("idempotency_key must be printable ASCII and not empty")
    given = {name: value for name, value in fields.items() if value is not None}
    return Call("POST", f"{_PATH}/send", given, {"Idempotency-Key": key})


def _number(entity_id: int | str) -> int | str:
    """Make 42 of `"42"`, so that both are the same request; anything else is the service's to refuse."""
    if isinstance(entity_id, str) and entity_id.isascii() and entity_id.isdecimal():
        return int(entity_id)
    return entity_id
