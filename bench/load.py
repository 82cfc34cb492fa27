"""A load generator that costs little: keep-alive connections, requests prepared beforehand, answers read to their end.

One loop over plain sockets. What a browser sends is sent whole (cookie, token, form); what it would do with the answer
beside reading it (draw the page, keep the new cookie) is left out.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_MOST_AT_ONCE = 65536
_HEAD_ENDS = b"\r\n\r\n"


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
    everyone = [_Client(port, iter(requests)) for requests in clients]
    with select.epoll() as ready:
        busy: dict[int, _Client] = {}
        for client in everyone:
            _go_on(client, ready, busy)
        while busy:
            for descriptor, _ in ready.poll():
                client = busy[descriptor]
                if client.heard():
                    del busy[descriptor]
                    _go_on(client, ready, busy)
    return [answer for client in everyone for answer in client.answers]


def _go_on(client: _Client, ready: select.epoll, busy: dict[int, _Client]) -> None:
    """Sends the client's next request, if there is one, and listens for its answer."""
    opened = client.connection is None
    if not client.speak():
        return
    connection = client.connection
    if connection is None:
        raise RuntimeError("whoever speaks has a connection")
    if opened:
        ready.register(connection, select.EPOLLIN)
    busy[connection.fileno()] = client


@dataclass
class _Client:
    """One person's browser: at most one request at a time."""

    port: int
    requests: Iterator[bytes]
    answers: list[Answer] = field(default_factory=list)
    connection: socket.socket | None = None
    sent: float = 0.0
    received: bytes = b""

    def speak(self) -> bool:
        """Sends the next request. False when there is none left: then the connection is closed."""
        request = next(self.requests, None)
        if request is None:
            self._leave()
            return False
        self.connection = self.connection or socket.create_connection(("127.0.0.1", self.port))
        self.received, self.sent = b"", time.monotonic()
        self.connection.sendall(request)
        return True

    def heard(self) -> bool:
        """Takes what has come. True when the answer is whole, or will never be."""
        try:
            part = self.connection.recv(_MOST_AT_ONCE) if self.connection else b""
        except ConnectionError:
            part = b""
        self.received += part
        read = _read(self.received)
        if part and read is None:
            return False
        status, closing = read or (0, True)
        self.answers.append(Answer(status, self.sent, time.monotonic()))
        if closing:
            self._leave()
        return True

    def _leave(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None


def _read(received: bytes) -> tuple[int, bool] | None:
    """Status, and whether the server closes the connection; None when the answer is not whole yet."""
    head, ended, body = received.partition(_HEAD_ENDS)
    if not ended:
        return None
    head = head.lower()
    length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
    if len(body) < length:
        return None
    return int(head[9:12]), b"connection: close" in head
