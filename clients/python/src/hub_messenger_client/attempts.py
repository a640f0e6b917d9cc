"""What an attempt's outcome means: wait and try again, a notification, or an error."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import httpx

from .errors import MessengerError
from .notification import Notification

Outcome: TypeAlias = httpx.Response | httpx.RequestError

FIRST_WAIT = 0.5
"""Seconds before the first repeat; doubles with every further one."""

LONGEST_WAIT = 8.0
"""Seconds at which the doubling ends."""

LONGEST_RETRY_AFTER = 60.0
"""The service counts requests per minute; whoever asks for a longer wait gets no repeat but an error."""

_BUSY = frozenset({429, 502, 503, 504})


def wait_after(outcome: Outcome, repeat: int) -> float | None:
    """Seconds to wait before repeat number `repeat` (from 0), or `None` when repeating is of no use."""
    if isinstance(outcome, httpx.RequestError):
        # What broke off may have reached the service; the idempotency key makes a repeat harmless.
        passing = httpx.TimeoutException | httpx.NetworkError | httpx.RemoteProtocolError | httpx.ProxyError
        return _backoff(repeat) if isinstance(outcome, passing) else None
    if outcome.status_code not in _BUSY:
        return None
    wished = _retry_after(outcome)
    if wished is None:
        return _backoff(repeat)
    if wished > LONGEST_RETRY_AFTER:
        return None
    # Added to, not replaced by, the jitter: whoever was sent away together does not come back together.
    return wished + _backoff(0)


def result(outcome: Outcome) -> Notification:
    """Return the notification that the last outcome brought; raise `MessengerError` when it brought none."""
    if isinstance(outcome, httpx.RequestError):
        address = outcome.request.url.netloc.decode("ascii", "replace")
        reason = str(outcome) or type(outcome).__name__
        raise MessengerError(f"no answer from the messenger service at {address}: {reason}") from outcome
    try:
        data: object = outcome.json()
    except ValueError:
        data = None
    if not outcome.is_success:
        raise _refusal(outcome, data)
    try:
        if isinstance(data, dict):
            return Notification.from_json(data)
    except (KeyError, TypeError) as error:
        raise _not_understood(outcome) from error
    raise _not_understood(outcome)


def _backoff(repeat: int) -> float:
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2.0**repeat)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 (spreads load, guards nothing)


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=timezone.utc)
    return max(0.0, (date - datetime.now(timezone.utc)).total_seconds())


def _refusal(response: httpx.Response, data: object) -> MessengerError:
    body = data if isinstance(data, dict) else {}
    texts = [text for text in (body.get("message"), body.get("detail")) if isinstance(text, str) and text]
    message = texts[0] if texts else f"the messenger service answered {response.status_code}"
    code = body.get("error")
    details = body.get("details")
    return MessengerError(
        message,
        status=response.status_code,
        code=code if isinstance(code, str) else None,
        details=body.get("detail") if details is None and not texts else details,
    )


def _not_understood(response: httpx.Response) -> MessengerError:
    return MessengerError(
        f"the answer ({response.status_code}) is not a notification; is this the messenger service?",
        status=response.status_code,
    )
