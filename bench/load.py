"""A load generator that costs little: keep-alive connections, requests prepared beforehand, answers read to their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """Status of one request, and its instants on one monotonic clock, in seconds."""

    status: int
    sent: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.sent


def post(path: str, *, host: str, cookie: str, form: bytes) -> bytes:
    """The bytes of a form's POST on a connection that stays open."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
    )
    return head.encode("ascii") + form


def send_all(port: int, clients: Sequence[Sequence[bytes]]) -> list[Answer]:
    """Every client sends its requests one after the other, all clients at once. A broken connection counts as status 0."""

    async def together() -> list[Answer]:
        told = await asyncio.gather(*(_client(port, requests) for requests in clients))
        return [answer for answers in told for answer in answers]

    return asyncio.run(together())


async def _client(port: int, requests: Sequence[bytes]) -> list[Answer]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answers = []
    for request in requests:
        sent = time.monotonic()
        try:
            writer.write(request)
            status, closing = await _answer(reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            status, closing = 0, True
        answers.append(Answer(status, sent, time.monotonic()))
        if closing:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return answers


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return int(head[9:12]), b"connection: close" in head
