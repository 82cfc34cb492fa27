"""The web server under the light client of the benchmarks: connections that stay, answers in pieces, lost ones (N10)."""

from __future__ import annotations

import gc
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from bench.load import post, send_all
from intake.settings import read_settings
from intake.web import gunicorn_server

SERVER = """
import sys
from gunicorn.app.base import BaseApplication
from intake.web.gunicorn_server import LingeringWorker

class Echo(BaseApplication):
    def load_config(self):
        for name, value in {"bind": "fd://" + sys.argv[1], "worker_class": LingeringWorker, "threads": 2,
                            "control_socket_disable": True, "loglevel": "warning"}.items():
            self.cfg.set(name, value)

    def load(self):
        def answer(environ, start):
            body = environ["wsgi.input"].read()
            start("303 SEE OTHER", [("Content-Length", str(len(body))), ("X-Path", environ["PATH_INFO"])])
            return [body]
        return answer

Echo().run()
"""


def requests(many: int) -> list[bytes]:
    return [post(f"/{number}", host="127.0.0.1", cookie="a=b", form=b"x=1") for number in range(many)]


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that is starting: whoever connects waits in the queue of the socket it is given."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        given = listening.fileno()
        server = subprocess.Popen([sys.executable, "-c", SERVER, str(given)], pass_fds=[given])
        try:
            yield listening.getsockname()[1]
        finally:
            server.terminate()
            server.wait(60)


def test_more_browsers_than_threads_are_all_answered_whether_they_ask_again_at_once_or_later(port: int) -> None:
    answers = send_all(port, [requests(8) for _ in range(5)])
    assert [each.status for each in answers] == [303] * 40
    assert all(each.ended >= each.sent for each in answers)
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as browser:
        for pause in (0.0, 3 * gunicorn_server.LINGERS_MS / 1000, 0.0):
            time.sleep(pause)
            answer = browser.post("/ancora", content=b"si")
            assert (answer.headers["X-Path"], answer.text) == ("/ancora", "si")


def test_what_a_process_has_loaded_is_never_looked_through_for_rubbish_while_somebody_waits(tmp_path: Path) -> None:
    process = gunicorn_server.WebProcess(read_settings(data=tmp_path))
    loaded = len(gc.get_objects())
    try:
        process.cfg.post_worker_init(None)
        assert gc.get_freeze_count() > loaded / 2
        assert len(gc.get_objects()) < loaded / 2
    finally:
        gc.unfreeze()


class _InPieces(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/1":
            self.close_connection = True
            return
        for piece in (b"HTTP/1.1 303 SEE", b" OTHER\r\nContent-", b"Length: 4\r\n\r\nab", b"cd"):
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(0.005)


def test_an_answer_in_pieces_is_read_whole_and_a_lost_one_counts_as_none() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _InPieces) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        answers = send_all(server.server_address[1], [requests(3), requests(1)])
        server.shutdown()
    assert [each.status for each in answers] == [303, 0, 303, 303]
