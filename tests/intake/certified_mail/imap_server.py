"""A mail server of a few lines for one mailbox: enough IMAP to read it, and to misbehave on purpose."""

from __future__ import annotations

import re
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

PASSWORD = "segreta-di-prova"
DELIVERED = "20-Nov-2026 11:15:33 +0100"


@dataclass
class Box:
    """Messages by number. ``refused``: answered with NO; ``fatal``: the server hangs up when asked for them."""

    messages: dict[int, bytes] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    fatal: set[int] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)
    fetched: list[int] = field(default_factory=list)
    validity: int = 7
    delivered: str = DELIVERED


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.say(b"* OK pronto")
        for line in self.rfile:
            tag, _, command = line.strip().partition(b" ")
            if not self.answer(tag, command.decode("utf-8", "replace")):
                return

    def say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")

    def answer(self, tag: bytes, command: str) -> bool:
        box: Box = self.server.box
        words = command.upper().split()
        verb = " ".join(words[:2]) if words[0] == "UID" else words[0]
        done = b"OK fatto"
        match verb:
            case "CAPABILITY":
                self.say(b"* CAPABILITY IMAP4rev1")
            case "LOGIN":
                done = b"OK entrato" if PASSWORD in command else b"NO password errata"
            case "SELECT":
                self.say(b"* %d EXISTS" % len(box.messages))
            case "STATUS":
                self.say(b'* STATUS "INBOX" (UIDVALIDITY %d)' % box.validity)
            case "UID SEARCH":
                self.say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in box.messages))
            case "UID FETCH":
                uid = int(words[2])
                if uid in box.fatal:
                    return False
                done = self.fetch(box, uid)
            case "UID STORE":
                box.seen.append(int(re.search(r"STORE (\d+)", command)[1]))
            case "LOGOUT":
                self.say(b"* BYE")
        self.say(tag + b" " + done)
        return verb != "LOGOUT"

    def fetch(self, box: Box, uid: int) -> bytes:
        if uid in box.refused:
            return b"NO messaggio danneggiato"
        box.fetched.append(uid)
        data = box.messages[uid]
        self.say(b'* 1 FETCH (UID %d INTERNALDATE "%s" BODY[] {%d}' % (uid, box.delivered.encode(), len(data)))
        self.wfile.write(data)
        self.say(b")")
        return b"OK fatto"


@contextmanager
def serving(box: Box) -> Iterator[int]:
    """The server on a port of this machine, for the time of a block."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        server.box = box
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
