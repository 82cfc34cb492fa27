"""A time-stamping authority of the synthetic provider that answers over HTTP on this machine, well or badly as it is told."""

import asyncio
import base64
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import tsp

from tests.pki.authority import timestamper


@dataclass
class TimeStampServer:
    """How to behave: `at` is the time of its tokens (None: now), `login` what it asks for, `failures` how many requests get 503
    first, `delay` seconds before each answer, `answer` sent as it is instead of a token."""

    url: str = ""
    at: datetime | None = None
    login: tuple[str, str] | None = None
    failures: int = 0
    delay: float = 0.0
    answer: bytes | None = None
    digests: list[bytes] = field(default_factory=list)

    def respond(self, query: bytes, authorization: str | None) -> tuple[int, bytes]:
        time.sleep(self.delay)
        if self.failures > 0:
            self.failures -= 1
            return 503, b""
        if self.login and authorization != "Basic " + base64.b64encode(":".join(self.login).encode()).decode():
            return 401, b""
        if self.answer is not None:
            return 200, self.answer
        request = tsp.TimeStampReq.load(query)
        self.digests.append(request["message_imprint"]["hashed_message"].native)
        response = asyncio.run(timestamper(self.at or datetime.now(UTC)).async_request_tsa_response(request))
        return 200, response.dump()


@contextmanager
def time_stamp_server() -> Iterator[TimeStampServer]:
    """The server, at work as long as the block lasts."""
    behaviour = TimeStampServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            status, body = behaviour.respond(query, self.headers.get("Authorization"))
            with suppress(ConnectionError):  # who would not wait as long as `delay` has gone away
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    behaviour.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield behaviour
    finally:
        server.shutdown()
        server.server_close()
