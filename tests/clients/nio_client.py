"""matrix-nio driven by a test: a command is a line of standard input, its answer a line of standard output (README.md)."""

import asyncio
import io
import json
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import nio

T = TypeVar("T")

ENCRYPTION = {"algorithm": "m.megolm.v1.aes-sha2"}


class Refused(Exception):
    """The homeserver said no."""


def done(answer: Any) -> Any:
    """An answer of nio, which has no exceptions for refused requests."""
    if isinstance(answer, nio.ErrorResponse):
        raise Refused(f"{type(answer).__name__}: {answer.status_code} {answer.message}")
    return answer


class Client:
    """One account on one device."""

    def __init__(self) -> None:
        self.nio: nio.AsyncClient
        self.events: dict[str, dict[str, nio.Event]] = {}
        self.syncing: asyncio.Task[None] | None = None
        self.synced = asyncio.Condition()

    async def seen(self, check: Callable[[], T | None]) -> T:
        """What `check` finds, as soon as it finds something: it looks again after every answer of a sync."""
        async with self.synced:
            while not (found := check()):
                await self.synced.wait()
            return found

    async def _on_sync(self, _answer: nio.SyncResponse) -> None:
        async with self.synced:
            self.synced.notify_all()

    async def _on_event(self, room: nio.MatrixRoom, event: nio.Event) -> None:
        self.events.setdefault(room.room_id, {})[event.event_id] = event

    def _in(self, room: str) -> list[nio.Event]:
        return list(self.events.get(room, {}).values())

    async def _send(self, room: str, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        return {"event_id": done(await self.nio.room_send(room, kind, content)).event_id}

    async def login(
        self, url: str, user: str, device_name: str, password: str | None = None, token: str | None = None
    ) -> dict[str, Any]:
        self.nio = nio.AsyncClient(url, user)
        flows = done(await self.nio.login_info()).flows
        login = done(await self.nio.login(password, device_name, token))
        self.nio.add_response_callback(self._on_sync, nio.SyncResponse)
        self.nio.add_event_callback(self._on_event, nio.Event)
        return {"user_id": login.user_id, "device_id": login.device_id, "flows": flows}

    async def start(self) -> None:
        self.syncing = asyncio.create_task(self.nio.sync_forever(timeout=30_000, full_state=True))
        self.syncing.add_done_callback(lambda task: task.cancelled() or task.result())
        await self.seen(lambda: self.nio.next_batch)

    async def room(self, name: str) -> dict[str, Any]:
        return {
            "room_id": await self.seen(
                lambda: next((room.room_id for room in self.nio.rooms.values() if room.display_name == name), None)
            )
        }

    async def send(self, room: str, body: str) -> dict[str, Any]:
        return await self._send(room, "m.room.message", {"msgtype": "m.text", "body": body})

    async def edit(self, room: str, event: str, body: str) -> dict[str, Any]:
        content = {
            "msgtype": "m.text",
            "body": f"* {body}",
            "m.new_content": {"msgtype": "m.text", "body": body},
            "m.relates_to": {"rel_type": "m.replace", "event_id": event},
        }
        return await self._send(room, "m.room.message", content)

    async def react(self, room: str, event: str, emoji: str) -> dict[str, Any]:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        return await self._send(room, "m.reaction", {"m.relates_to": relation})

    async def redact(self, room: str, event: str) -> dict[str, Any]:
        return {"event_id": done(await self.nio.room_redact(room, event)).event_id}

    async def upload(self, room: str, name: str, type: str, content: str) -> dict[str, Any]:
        data = content.encode()
        answer, _keys = await self.nio.upload(io.BytesIO(data), type, name, filesize=len(data))
        file = {
            "msgtype": "m.file",
            "body": name,
            "filename": name,
            "url": done(answer).content_uri,
            "info": {"mimetype": type, "size": len(data)},
        }
        return await self._send(room, "m.room.message", file)

    async def download(self, room: str, event: str) -> dict[str, Any]:
        found = await self.seen(lambda: self.events.get(room, {}).get(event))
        answer = done(await self.nio.download(found.source["content"]["url"]))
        return {"type": answer.content_type, "content": answer.body.decode()}

    async def read(self, room: str, event: str) -> None:
        done(await self.nio.room_read_markers(room, fully_read_event=event, read_event=event))

    async def type(self, room: str, typing: bool) -> None:
        done(await self.nio.room_typing(room, typing, 20_000))

    async def direct(self, user: str) -> dict[str, Any]:
        preset = nio.RoomPreset.trusted_private_chat
        # Element X and FluffyChat want it wherever they can
        state = [{"type": "m.room.encryption", "state_key": "", "content": ENCRYPTION}]
        made = await self.nio.room_create(is_direct=True, preset=preset, invite=[user], initial_state=state)
        return {"room_id": done(made).room_id}

    async def encrypt(self, room: str) -> dict[str, Any]:
        answer = await self.nio.room_put_state(room, "m.room.encryption", ENCRYPTION)
        return {"errcode": getattr(answer, "status_code", None)}

    async def leave(self, room: str) -> None:
        done(await self.nio.room_leave(room))
        done(await self.nio.room_forget(room))

    async def logout(self) -> dict[str, Any]:
        await self._stop()
        token = self.nio.access_token
        done(await self.nio.logout())
        # a way around nio, which forgets the token
        url = f"{self.nio.homeserver}/_matrix/client/v3/account/whoami"
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.request("GET", url, headers=headers) as answer:
            return {"afterwards": (await answer.json()).get("errcode")}

    async def see_message(self, room: str, body: str) -> dict[str, Any]:
        event = await self.seen(
            lambda: next((e for e in self._in(room) if e.source["content"].get("body") == body), None)
        )
        return {
            "event_id": event.event_id,
            "sender": event.sender,
            "sender_name": self.nio.rooms[room].user_name(event.sender),
            "msgtype": event.source["content"].get("msgtype"),
        }

    async def see_edit(self, room: str, event: str, body: str) -> None:
        def edits(found: nio.Event) -> bool:
            content = found.source["content"]
            relation = content.get("m.relates_to", {})
            return (
                relation.get("rel_type") == "m.replace"
                and relation["event_id"] == event
                and bool(content["m.new_content"]["body"] == body)
            )

        await self.seen(lambda: any(map(edits, self._in(room))))

    async def see_reaction(self, room: str, event: str, emoji: str) -> None:
        await self.seen(
            lambda: any(
                isinstance(found, nio.ReactionEvent) and (found.reacts_to, found.key) == (event, emoji)
                for found in self._in(room)
            )
        )

    async def see_redaction(self, room: str, event: str) -> None:
        await self.seen(
            lambda: any(isinstance(found, nio.RedactionEvent) and found.redacts == event for found in self._in(room))
        )

    async def see_typing(self, room: str, user: str) -> None:
        await self.seen(lambda: user in self.nio.rooms[room].typing_users)

    async def _stop(self) -> None:
        if self.syncing:
            self.syncing.cancel()
            await asyncio.gather(self.syncing, return_exceptions=True)

    async def close(self) -> None:
        await self._stop()
        if hasattr(self, "nio"):
            await self.nio.close()


async def answer(client: Client, command: dict[str, Any]) -> dict[str, Any]:
    name = command.pop("do")
    method: Callable[..., Awaitable[dict[str, Any] | None]] | None = getattr(client, name, None)
    if name.startswith("_") or method is None:
        return {"error": f"this client has no command {name}"}
    try:
        return {"ok": await method(**command) or {}}
    except Exception as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


async def serve(client: Client, commands: asyncio.Queue[dict[str, Any]]) -> None:
    # what the library prints must not be taken for an answer
    output, sys.stdout = sys.stdout, sys.stderr
    while True:
        print(json.dumps(await answer(client, await commands.get())), file=output, flush=True)


async def main() -> None:
    client = Client()
    commands: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    serving = asyncio.create_task(serve(client, commands))
    # a test that is over is not waited for, whatever the client is doing
    while line := await asyncio.to_thread(sys.stdin.readline):
        commands.put_nowait(json.loads(line))
    serving.cancel()
    await client.close()


asyncio.run(main())
