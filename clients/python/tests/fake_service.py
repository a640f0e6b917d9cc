"""A small HTTP server on a real socket, so that connections, time-outs and threads are the real ones."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

SENT: dict[str, Any] = {
    "id": 42,
    "source_app": "fertigungs-app",
    "event_type": "notification",
    "title": "Maschine gestoppt",
    "body": "Maschine CNC-01 hat einen Fehler gemeldet.",
    "priority": "normal",
    "status": "sent",
    "matrix_room_id": "!abc123:hub.local",
    "matrix_event_id": "$evt456",
    "created_at": "2026-01-31T12:00:00",
}
"""The answer of contract A034."""


@dataclass(frozen=True)
class Answer:
    """What the fake answers to one request."""

    status: int = 201
    body: object = field(default_factory=lambda: SENT)
    """JSON, or `bytes` as they are."""

    headers: dict[str, str] = field(default_factory=dict)


HANG = Answer(status=0)
"""No answer, until the fake is stopped."""

DROP = Answer(status=-1)
"""The connection closed instead of an answer."""


@dataclass(frozen=True)
class Request:
    """What the fake was sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any] | None
    connection: tuple[str, int]
    """The caller's address and port: the same for all requests of one connection."""


class Server(ThreadingHTTPServer):
    """Takes many connections at once, and does not wait for them when it stops."""

    daemon_threads = True
    request_queue_size = 128


class FakeService:
    """Answers with what `answers` holds, one for each request, and with `SENT` when it is empty."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.answers: deque[Answer] = deque()
        self.requests: list[Request] = []
        self._lock = Lock()
        self._stopped = Event()
        self._server = Server(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def will(self, *answers: Answer) -> None:
        """Answer the next requests with `answers`."""
        self.answers.extend(answers)

    def __enter__(self) -> FakeService:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self._stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _take(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self.answers.popleft() if self.answers else Answer()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                answer = fake._take(
                    Request(
                        self.command,
                        self.path,
                        {name.lower(): value for name, value in self.headers.items()},
                        json.loads(body) if body else None,
                        self.client_address,
                    )
                )
                if answer is HANG:
                    fake._stopped.wait()
                if answer is HANG or answer is DROP:
                    self.close_connection = True
                    return
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815 (the names http.server looks for)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Stay silent."""

        return Handler
