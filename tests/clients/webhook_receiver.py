"""An endpoint of webhooks that a test drives (README.md). What comes is checked with the package `standardwebhooks`."""

import json
import sys
import threading
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook


class Receiver:
    """What came, and what is answered."""

    def __init__(self) -> None:
        self.server: ThreadingHTTPServer | None = None
        self.changed = threading.Condition()
        self.webhook: Webhook | None = None
        self.answers: deque[int] = deque()
        self.heard: list[dict[str, Any]] = []

    def open(self, port: int) -> None:
        """Listens on this port."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self.server = Server(("127.0.0.1", port), handler(self))
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Is away: connections are refused from now on."""
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def secret(self, secret: str) -> None:
        """From now on signatures are checked with this secret; before, everything is refused."""
        self.webhook = Webhook(secret)

    def answer(self, statuses: list[int]) -> None:
        """The next requests are answered with these, those after with 200."""
        self.answers = deque(statuses)

    def expect(self, count: int) -> list[dict[str, Any]]:
        """Waits until so many came, and tells all that came."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.heard) >= count)
            return list(self.heard)

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Takes a delivery; the status to answer."""
        assert self.webhook, "no secret yet"
        event = self.webhook.verify(body, headers)
        status = self.answers.popleft() if self.answers else 200
        with self.changed:
            self.heard.append({"id": headers["webhook-id"], "event": event, "answered": status})
            self.changed.notify_all()
        return status


def handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """What handles the requests to a receiver."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                status = receiver.take(headers, body)
            except Exception as error:
                print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
                status = 400
            self.send_response(status)
            self.send_header("content-length", "0")
            self.send_header("connection", "close")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            print(format % args, file=sys.stderr, flush=True)

    return Handler


def main() -> None:
    receiver = Receiver()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            done = getattr(receiver, command.pop("do"))(**command)
            print(json.dumps({"ok": done if done is not None else {}}), flush=True)
        except Exception as error:
            print(json.dumps({"error": f"{type(error).__name__}: {error}"}), flush=True)


main()
